//! How to reach an API of Kubernetes: from inside a pod, or from the plain fields of a kubeconfig.
//!
//! Refuses to run programs for credentials, and to log in with certificates.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plumb_tree::Node;
use plumb_tree::yaml::parse_yaml;
use std::path::{Path, PathBuf};

/// Where a pod finds its token and the authority of its cluster.
const POD_FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Bytes of a kubeconfig, a token or a certificate.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where an API is, and what it is shown.
#[derive(Clone)]
pub(crate) struct Access {
    /// Its address, `https://10.0.0.1:443`.
    pub(crate) server: String,
    /// The authority that it is trusted by, in PEM.
    pub(crate) authority: Option<Vec<u8>>,
    token: Token,
}

#[derive(Clone)]
enum Token {
    None,
    Text(String),
    /// Tokens of pods are exchanged for new ones while they run.
    File(PathBuf),
}

impl std::fmt::Debug for Access {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Access").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Access {
    /// The token as it is now.
    pub(crate) fn token(&self) -> Result<Option<String>, String> {
        match &self.token {
            Token::None => Ok(None),
            Token::Text(text) => Ok(Some(text.clone())),
            Token::File(path) => {
                let bytes = read(path)?;
                let text = String::from_utf8(bytes).map_err(|_| "the token is no text")?;
                Ok(Some(text.trim().to_owned()))
            }
        }
    }
}

/// What a pod finds around it.
pub(crate) fn in_cluster(variable: &dyn Fn(&str) -> Option<String>) -> Result<Access, String> {
    let outside = || "this is no pod: name a `kubeconfig`".to_owned();
    let host = variable("KUBERNETES_SERVICE_HOST").ok_or_else(outside)?;
    let port = variable("KUBERNETES_SERVICE_PORT").unwrap_or_else(|| "443".to_owned());
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let folder = Path::new(POD_FOLDER);
    Ok(Access {
        server: format!("https://{host}:{port}"),
        authority: Some(read(&folder.join("ca.crt"))?),
        token: Token::File(folder.join("token")),
    })
}

/// What a kubeconfig says of its current context.
pub(crate) fn of_file(path: &Path) -> Result<Access, String> {
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    of_bytes(&read(path)?, folder)
}

fn of_bytes(bytes: &[u8], folder: &Path) -> Result<Access, String> {
    let parsed = parse_yaml(bytes).map_err(|err| format!("the kubeconfig is no YAML: {err}"))?;
    let root = parsed.documents.first().ok_or("the kubeconfig is empty")?;
    let text = |node: &Node, key: &str| node.get(key)?.as_str().map(str::to_owned);
    let named = |list: &str, name: &str, what: &'static str| -> Result<Node, String> {
        let items = root.get(list).map(Node::items).unwrap_or_default();
        let found = items.iter().find(|it| text(it, "name").as_deref() == Some(name));
        let found = found.and_then(|it| it.get(what)).cloned();
        found.ok_or_else(|| format!("the kubeconfig has no {what} `{name}`"))
    };
    let current = text(root, "current-context").ok_or("the kubeconfig has no current context")?;
    let context = named("contexts", &current, "context")?;
    let of = |key: &'static str| text(&context, key).ok_or(format!("the context has no {key}"));
    let cluster = named("clusters", &of("cluster")?, "cluster")?;
    let user = named("users", &of("user")?, "user")?;
    if user.get("exec").is_some() || user.get("client-certificate-data").is_some() {
        return Err("the kubeconfig logs in otherwise than by a token".to_owned());
    }
    let authority = match text(&cluster, "certificate-authority-data") {
        Some(data) => {
            let pem = STANDARD.decode(data.trim());
            Some(pem.map_err(|_| "the authority's data is no base64".to_owned())?)
        }
        None => {
            text(&cluster, "certificate-authority").map(|it| read(&folder.join(it))).transpose()?
        }
    };
    let token = match (text(&user, "token"), text(&user, "tokenFile")) {
        (Some(token), _) => Token::Text(token),
        (None, Some(file)) => Token::File(folder.join(file)),
        (None, None) => Token::None,
    };
    let server = text(&cluster, "server").ok_or("the cluster has no server")?;
    Ok(Access { server: server.trim_end_matches('/').to_owned(), authority, token })
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    use std::io::Read as _;
    let failed = |err: std::io::Error| format!("`{}`: {err}", path.display());
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "current-context: here\ncontexts:\n- name: here\n  context: {cluster: c, \
        user: u}\nclusters:\n- name: c\n  cluster:\n    server: https://api.test:6443/\n    \
        certificate-authority-data: aGVsbG8=\nusers:\n- name: u\n  user:\n    token: secret\n";

    #[test]
    fn plain_fields_are_read_and_secrets_are_not_shown() {
        let access = of_bytes(FILE.as_bytes(), Path::new("")).unwrap();
        assert_eq!(access.server, "https://api.test:6443");
        assert_eq!(access.authority.as_deref(), Some(b"hello".as_slice()));
        assert_eq!(access.token().unwrap().as_deref(), Some("secret"));
        assert!(!format!("{access:?}").contains("secret"));
    }

    #[test]
    fn anything_else_is_told() {
        let told = |text: &str| of_bytes(text.as_bytes(), Path::new("")).unwrap_err();
        assert_eq!(told("{}"), "the kubeconfig has no current context");
        assert!(told(&FILE.replace("cluster: c,", "cluster: d,")).contains("no cluster `d`"));
        assert!(told(&FILE.replace("token: secret", "exec: {command: aws}")).contains("otherwise"));
        assert!(in_cluster(&|_| None).unwrap_err().contains("no pod"));
    }
}
