//! `/animatable`: what can move.

use crate::Api;
use crate::layers::{missing, on_screen};
use crate::operation::{Answer, Call, Reply};

pub(crate) fn list(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let Some(id) = call.query("layer") else {
            return Ok(Answer::json(wire::list(wire::write_animatable())));
        };
        let (layers, _) = on_screen(api);
        let mut layers = layers.iter();
        let layer = layers.find(|layer| layer.id.as_str() == id);
        let layer = layer.ok_or_else(|| missing(id))?;
        Ok(Answer::json(wire::list(wire::write_animatable_of(layer))))
    })
}
