// What the page shows of an upload beside its requests. Each module draws its own panel when the upload that is shown changes.

import '/anatomy.js';
import '/grid.js';
import '/inspection.js';
import '/limits.js';
import '/texts.js';
