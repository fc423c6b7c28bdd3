//! Our handle on an adapter: what starts it, how we speak with it, and what it did.

pub mod adapter;
mod bare;
pub mod browser;
pub mod client;
pub mod client_message;
pub mod conversation;
mod feature;
pub mod gauge;
pub mod message;
pub mod plain;
pub mod process;
pub mod server_message;
pub mod serving;
pub mod session;
pub mod setup;
pub mod test_service;
mod value;
mod wire;
