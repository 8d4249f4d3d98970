//! The example service again, in Rust without a crate: JSON at / and /healthz.
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{env, io, thread};

static REQUESTS: AtomicU64 = AtomicU64::new(0);

/// The path of a GET request whose head is at most 8 KiB, or what is wrong.
fn read_path(stream: &TcpStream) -> io::Result<Option<String>> {
    let mut head = BufReader::new(stream).take(8192);
    let mut line = String::new();
    head.read_line(&mut line)?;
    let mut words = line.split(' ');
    let path = match (words.next(), words.next()) {
        (Some("GET"), Some(path)) => Some(path.to_string()),
        _ => None,
    };
    while line != "\r\n" && line != "\n" {
        line.clear();
        if head.read_line(&mut line)? == 0 {
            return Ok(None);
        }
    }
    Ok(path)
}

fn answer(mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.set_write_timeout(Some(Duration::from_secs(5)))?;
    let requests = REQUESTS.fetch_add(1, Ordering::Relaxed) + 1;
    let (status, body) = match read_path(&stream)?.as_deref() {
        Some("/") => ("200 OK", format!("{{\"service\":\"rusthello\",\"requests\":{requests}}}\n")),
        Some("/healthz") => ("200 OK", "{\"status\":\"ok\"}\n".to_string()),
        Some(_) => ("404 Not Found", "{\"status\":404}\n".to_string()),
        None => ("400 Bad Request", "{\"status\":400}\n".to_string()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or_else(|| "0.0.0.0:8080".to_string());
    for stream in TcpListener::bind(address)?.incoming() {
        let stream = stream?;
        thread::spawn(move || {
            if let Err(error) = answer(stream) {
                eprintln!("rusthello: {error}");
            }
        });
    }
    Ok(())
}
