//! Files by which platforms of others ask a gate: text that is made to be read and changed.
//!
//! Refuses to know what a gate answers, and decides nothing.

/// The platforms that files are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Argo Rollouts: an AnalysisTemplate.
    Argo,
    /// Argo Rollouts: an AnalysisTemplate that runs a job, without a gate.
    ArgoJob,
    /// Kargo: the same as the first, and the stage that asks it.
    Kargo,
    /// Flagger: a MetricTemplate, and the analysis of a canary.
    Flagger,
    /// Prometheus: rules for alerts.
    Alerts,
    /// Grafana: what to send to mark a rollout in dashboards.
    Grafana,
}

/// What goes into a file.
#[derive(Clone, Copy, Debug)]
pub struct Wiring<'a> {
    /// Where the gate listens, or where Prometheus is for a job, without a slash at the end.
    pub url: &'a str,
    /// The name of the service; letters, digits and hyphens, as Kubernetes wants them.
    pub name: &'a str,
}

/// The file for a platform.
#[must_use]
pub fn platform_file(platform: Platform, wiring: &Wiring<'_>) -> String {
    let text = match platform {
        Platform::Argo => ARGO.to_owned(),
        Platform::ArgoJob => ARGO_JOB.to_owned(),
        Platform::Kargo => format!("{ARGO}---\n{KARGO}"),
        Platform::Flagger => FLAGGER.to_owned(),
        Platform::Alerts => ALERTS.to_owned(),
        Platform::Grafana => GRAFANA.to_owned(),
    };
    // Quotes and backslashes have no place in a name or an address, and would end a text in YAML.
    let clean = |text: &str| text.replace(['"', '\\', '\''], "");
    let text = text.replace("@bad@", ARGO_JOB_BAD);
    text.replace("@url@", &clean(wiring.url)).replace("@name@", &clean(wiring.name))
}

const ARGO: &str = r#"# Both conditions: what is neither pauses the rollout for a person.
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: @name@-plumb
spec:
  metrics:
    - name: plumb
      # Of ten looks, half a minute apart, at least one has to be a yes; one no ends it at once.
      interval: 30s
      count: 10
      failureLimit: 0
      inconclusiveLimit: 9
      consecutiveErrorLimit: 4
      successCondition: result.verdict == "pass"
      failureCondition: result.verdict == "fail"
      provider:
        web:
          url: "@url@/v1/analysis/argo"
          timeoutSeconds: 5
          headers:
            - key: authorization
              value: "Bearer {{args.token}}"
          jsonPath: "{$}"
  args:
    - name: token
      valueFrom:
        secretKeyRef:
          name: plumb-gate
          key: token
"#;

const ARGO_JOB: &str = r#"# A job that asks Prometheus itself. To Argo a job is a yes or a no,
# and nothing between. Worse (1) and a command that is wrong (2) are a no at once; "cannot tell
# yet" (3) and whatever could not be reached (4) are tried again, and a no when that brings no yes.
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: @name@-plumb-job
spec:
  args:
    # In the step that asks: valueFrom: { podTemplateHashValue: Stable }
    - name: control
    # In the step that asks: valueFrom: { podTemplateHashValue: Latest }
    - name: canary
  metrics:
    - name: plumb
      count: 1
      failureLimit: 0
      consecutiveErrorLimit: 0
      provider:
        job:
          spec:
            # Tries, with pauses that grow from ten seconds to six minutes, and half an hour in all.
            backoffLimit: 12
            activeDeadlineSeconds: 1800
            podFailurePolicy:
              rules:
                - action: FailJob
                  onExitCodes:
                    operator: In
                    values: [1, 2, 70]
            template:
              spec:
                restartPolicy: Never
                containers:
                  - name: plumb
                    # An image with the program in it.
                    image: plumb
                    args:
                      - "rollout"
                      - "analyze"
                      - "--control"
                      - "{{args.control}}"
                      - "--canary"
                      - "{{args.canary}}"
                      - "--prometheus"
                      - "@url@"
                      - "--label"
                      - "rollouts_pod_template_hash"
                      - "--total"
                      - "http_requests_total{service=\"@name@\"}"
                      - "--bad"
                      - "@bad@"
                      - "--over"
                      - "1h"
"#;

/// What failed, and zero where nothing did.
const ARGO_JOB_BAD: &str = concat!(
    r#"http_requests_total{service=\"@name@\",code=~\"5..\"} "#,
    r#"or 0 * http_requests_total{service=\"@name@\"}"#
);

const KARGO: &str = r#"# The part of a stage that asks, once what was promoted runs.
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata:
  name: @name@
spec:
  verification:
    analysisTemplates:
      - name: @name@-plumb
"#;

const FLAGGER: &str = r#"apiVersion: flagger.app/v1beta1
kind: MetricTemplate
metadata:
  name: @name@-plumb
spec:
  provider:
    type: prometheus
    address: "@url@"
    # A user of any name, and the token as its password.
    secretRef:
      name: plumb-gate
  query: plumb_verdict
---
# The part of a canary that asks. A verdict of a half, which is neither, lets a look pass; the
# hook before promotion does not.
apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: @name@
spec:
  analysis:
    interval: 1m
    threshold: 2
    maxWeight: 50
    stepWeight: 5
    metrics:
      - name: plumb
        templateRef:
          name: @name@-plumb
        thresholdRange:
          min: 0.5
        interval: 1m
    webhooks:
      - name: plumb-before
        type: confirm-rollout
        url: "@url@/v1/flagger/confirm-rollout"
      - name: plumb-looks
        type: rollout
        url: "@url@/v1/flagger/rollout"
        timeout: 5s
      - name: plumb-more
        type: confirm-traffic-increase
        url: "@url@/v1/flagger/confirm-traffic-increase"
      - name: plumb-promotes
        type: confirm-promotion
        url: "@url@/v1/flagger/confirm-promotion"
      - name: plumb-back
        type: rollback
        url: "@url@/v1/flagger/rollback"
"#;

const ALERTS: &str = r#"# While a version is new, these ask sooner than alerts of every day.
# Let Prometheus scrape /metrics of a gate that runs with `--label service=@name@`. Without a
# value nobody judges, which is an alert of its own.
groups:
  - name: @name@-rollout
    interval: 15s
    rules:
      - alert: RolloutWorse
        expr: plumb_verdict{service="@name@"} == 0
        for: 0m
        labels:
          severity: page
        annotations:
          summary: "the new version of @name@ is worse, for certain"
          description: "@url@/v1/judgement says in what, and whether going back is safe"
      - alert: RolloutSuspicious
        expr: plumb_evalue{service="@name@"} > 20
        for: 1m
        labels:
          severity: ticket
        annotations:
          summary: "at most one in 20 alike versions of @name@ ever fails as often as this one"
          description: "@url@/v1/judgement says more"
      - alert: RolloutUnjudged
        expr: absent(plumb_verdict{service="@name@"})
        for: 2m
        labels:
          severity: page
        annotations:
          summary: "nobody judges the rollout of @name@"
          description: "the gate at @url@ is not asked, or does not answer"
"#;

const GRAFANA: &str = r#"{
  "text": "rollout of @name@: <a href=\"@url@/v1/judgement\">the judgement</a>",
  "tags": ["rollout", "plumb", "@name@"]
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_text_is_left_out() {
        let wiring = Wiring { url: "http://x\"\\", name: "shop" };
        let text = platform_file(Platform::Grafana, &wiring);
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["tags"][2], "shop");
        assert!(!platform_file(Platform::Flagger, &wiring).contains('@'));
    }
}
