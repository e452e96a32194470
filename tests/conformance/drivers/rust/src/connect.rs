use personalize::apis::configuration::{ApiKey, Configuration};
use std::{env, error::Error, time::Duration};

/// Says how to reach MoEngage's Personalize API, or the emulator that MOENGAGE_BASE_URL names, as
/// the workspace that the environment names.
pub fn connect() -> Result<Configuration, Box<dyn Error>> {
    let workspace_id = env::var("MOENGAGE_WORKSPACE_ID")?;
    let base_path = match env::var("MOENGAGE_BASE_URL") {
        Ok(url) => url,
        Err(_) => format!(
            "https://sdk-{}.moengage.com/v1",
            env::var("MOENGAGE_DATA_CENTER")?
        ),
    };
    Ok(Configuration {
        base_path,
        client: reqwest::Client::builder()
            .timeout(Duration::from_secs(3))
            .build()?,
        basic_auth: Some((
            workspace_id.clone(),
            Some(env::var("MOENGAGE_PERSONALIZE_API_KEY")?),
        )),
        api_key: Some(ApiKey {
            prefix: None,
            key: workspace_id, // MOE-APPKEY
        }),
        ..Configuration::default()
    })
}
