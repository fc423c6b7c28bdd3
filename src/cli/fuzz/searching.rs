//! A plan to a search in one target, whatever its role.

use crate::case::server::Emitted;
use crate::clause::Role;
use crate::runner::fuzzing::server::ServerCampaign;
use crate::runner::fuzzing::{Campaign, Listener, News, Plan, Tally};
use crate::target::adapter::Adapter;

/// Searches until the plan says to stop; `emissions` are what the application of a server may start from. Returns what it
/// came to.
///
/// # Errors
///
/// One sentence: the target cannot be asked, or not any more.
pub async fn search(
    adapter: &Adapter,
    plan: &Plan,
    emissions: Vec<Vec<Emitted>>,
    listener: Listener<'_>,
) -> Result<Tally, String> {
    if plan.role == Role::Server {
        let mut campaign = ServerCampaign::open(adapter, plan, emissions, listener).await?;
        listener(News::Greeted(Box::new(campaign.greeting().clone())));
        let searched = async {
            // What is started from can take minutes where much deviates, growth takes seconds.
            campaign.look_for_growth().await?;
            campaign.start().await?;
            campaign.go_on().await
        };
        let searched = searched.await;
        let tally = campaign.tally.clone();
        listener(News::Progress(tally.clone()));
        campaign.close().await;
        return searched.map(|()| tally);
    }
    let mut campaign = Campaign::open(adapter, plan, listener).await?;
    listener(News::Greeted(Box::new(campaign.greeting().clone())));
    let searched = async {
        if plan.role == Role::Client {
            campaign.look_for_growth().await?;
            campaign.start().await?;
        } else {
            campaign.start().await?;
            campaign.look_for_growth().await?;
        }
        campaign.go_on().await
    };
    let searched = searched.await;
    let tally = campaign.tally.clone();
    // Whatever ended the search, what it came to is counted.
    listener(News::Progress(tally.clone()));
    campaign.close().await;
    searched.map(|()| tally)
}
