//! What a channel holds already, for whoever looks before he waits.

use futures_util::FutureExt as _;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::coop::unconstrained;

/// The next that a channel holds; nothing if it holds none that is whole.
///
/// Never `try_recv` where a future is blocked on: while a sender is at work, tokio parks the thread in it, and takes the
/// wake-up that the future itself is about to wait for. Then nothing ever goes on.
pub fn at_hand<T>(channel: &mut UnboundedReceiver<T>) -> Option<T> {
    // However much there is of it: who looks here judges by what he sees.
    unconstrained(channel.recv()).now_or_never().flatten()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::{StreamExt as _, stream};
    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

    use super::*;

    #[test]
    fn what_was_sent_is_at_hand_in_order_and_then_nothing() {
        let (send, mut channel) = unbounded_channel();
        assert_eq!(at_hand::<u32>(&mut channel), None);
        (0..500).for_each(|n| send.send(n).expect("it is open"));
        for n in 0..500 {
            assert_eq!(at_hand(&mut channel), Some(n));
        }
        drop(send);
        assert_eq!(at_hand(&mut channel), None);
    }

    /// With `try_recv` this stands still.
    #[test]
    fn looking_takes_nobodys_wake_up() {
        const N_ITEMS: usize = 400;
        let (ended, end) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .build();
            runtime.expect("it starts").block_on(async {
                for _ in 0..2000 {
                    stream::iter(0..8)
                        .map(|_| async {
                            let (send, mut channel) = unbounded_channel();
                            tokio::spawn(send_many(send, N_ITEMS));
                            while channel.recv().await.is_some() {
                                while at_hand(&mut channel).is_some() {}
                            }
                        })
                        .buffer_unordered(8)
                        .collect::<Vec<()>>()
                        .await;
                }
            });
            ended.send(()).expect("the test is waiting");
        });
        end.recv_timeout(Duration::from_secs(60))
            .expect("nothing goes on");
    }

    async fn send_many(send: UnboundedSender<usize>, n_items: usize) {
        for n in 0..n_items {
            send.send(n).expect("it is open");
            if n % 7 == 0 {
                tokio::task::yield_now().await;
            }
        }
    }
}
