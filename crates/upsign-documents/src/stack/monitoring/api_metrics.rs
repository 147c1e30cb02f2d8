//! The metrics of what invokes the function, which each kind of API names in another way.

use super::super::reference::{Kind, Reference};
use super::super::spelling::REST_STAGE;
use super::{Metric, function_dimension};
use crate::deployment::{ApiKind, Deployment};
use crate::node::{Node, text};

/// The metrics of the API.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html>,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html>,
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-monitoring.html>,
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html>.
#[derive(Debug)]
pub(super) struct ApiMetrics {
    pub(super) requests: Metric,
    /// Answers with a status 4xx.
    pub(super) client_errors: Metric,
    /// Answers with a status 5xx.
    pub(super) server_errors: Metric,
    /// How long an answer takes.
    pub(super) latency: Metric,
}

impl ApiMetrics {
    pub(super) fn of(deployment: &Deployment) -> Self {
        let names = match deployment.api {
            ApiKind::Rest => ["Count", "4XXError", "5XXError", "Latency"],
            ApiKind::Http => ["Count", "4xx", "5xx", "Latency"],
            ApiKind::FunctionUrl => ["UrlRequestCount", "Url4xxCount", "Url5xxCount", "UrlRequestLatency"],
            ApiKind::LoadBalancer => [
                "RequestCount",
                "HTTPCode_Target_4XX_Count",
                "HTTPCode_Target_5XX_Count",
                "TargetResponseTime",
            ],
        };
        let namespace = match deployment.api {
            ApiKind::Rest | ApiKind::Http => "AWS/ApiGateway",
            ApiKind::FunctionUrl => "AWS/Lambda",
            ApiKind::LoadBalancer => "AWS/ApplicationELB",
        };
        let dimensions = dimensions(deployment);
        let [requests, client_errors, server_errors, latency] =
            names.map(|name| Metric { namespace, name, dimensions: dimensions.clone() });
        Self { requests, client_errors, server_errors, latency }
    }
}

fn dimensions(deployment: &Deployment) -> Vec<(&'static str, Node)> {
    match deployment.api {
        ApiKind::Rest => vec![("ApiName", Reference::STACK_NAME.into()), ("Stage", text(REST_STAGE))],
        ApiKind::Http => {
            vec![("ApiId", Kind::HttpApi.id().reference().into()), ("Stage", text("$default"))]
        }
        ApiKind::FunctionUrl => vec![function_dimension(Kind::Function)],
        ApiKind::LoadBalancer => {
            vec![
                ("TargetGroup", Kind::TargetGroup.id().name().into()),
                ("LoadBalancer", Reference::LOAD_BALANCER.into()),
            ]
        }
    }
}
