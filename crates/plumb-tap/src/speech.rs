//! How clients are spoken to: in the protocol they begin with, and with no header of our own. It
//! refuses to know who they are.

use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto::Builder;

use crate::options::{Options, STREAMS_MAX};

/// How clients are spoken to.
pub(crate) type Server = Builder<TokioExecutor>;

/// How clients are spoken to: in the protocol they begin with, and with no header of our own.
pub(crate) fn server(options: &Options) -> Server {
    let mut server = Builder::new(TokioExecutor::new());
    server
        .http1()
        .auto_date_header(false)
        .preserve_header_case(true)
        .max_buf_size(options.head_bytes_max)
        // Whoever sends no head, or half of one, is idle.
        .header_read_timeout(None);
    server
        .http2()
        .auto_date_header(false)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(options.head_bytes_max).unwrap_or(u32::MAX));
    server
}
