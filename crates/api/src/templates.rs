//! `/templates`: layers and timelines to be started many times over.

use crate::Api;
use crate::control::Resource;
use crate::operation::{About, Answer, Call, Change, Reply};
use crate::problem::Error;
use scene::{Id, Scene, Shared, Template};

pub(crate) fn list(api: &Api, _: Call) -> Reply<'_> {
    Box::pin(async move {
        let (templates, revision) = {
            let accepted = api.0.control.accepted();
            (accepted.scene.templates.clone(), accepted.revision)
        };
        let templates = templates.iter();
        Ok(Answer {
            changed: Some(revision),
            ..Answer::json(wire::list(templates.map(|one| wire::write_template(one))))
        })
    })
}

pub(crate) fn show(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let (template, changed) = {
            let accepted = api.0.control.accepted();
            let template = find(&accepted.scene, &call.id)?.clone();
            let changed = accepted.changed_at(&Resource::Template(template.id.clone()));
            (template, changed)
        };
        Ok(Answer {
            changed: Some(changed),
            ..Answer::json(wire::write_template(&template))
        })
    })
}

/// Keeps a template, in place of one of the same id; what was started of that goes on as it is.
pub(crate) fn put(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    let id = Id::new(&call.id).ok_or_else(|| {
        let detail = format!("`{}` is not an id: {}", call.id, Id::RULE);
        Error::Invalid(vec![scene::Fault::invalid("/id", detail)])
    })?;
    let template: Shared<Template> = wire::template_of(&id, &call.body)?.into();
    let before = scene;
    let mut scene = before.clone();
    let about = About::Template(template.clone());
    let about = match scene.templates.iter_mut().find(|one| one.id == id) {
        Some(one) => {
            *one = template;
            about
        }
        None => {
            scene.templates.push(template);
            About::New(Box::new(about))
        }
    };
    let faults = scene.faults_since(before, &api.0.parts.limits, &|_| true);
    if faults.is_empty() {
        Ok(Change::new(scene, about))
    } else {
        Err(Error::Invalid(faults))
    }
}

/// Forgets a template; what was started of it goes on.
pub(crate) fn remove(_: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    let mut scene = scene.clone();
    let template = find(&scene, &call.id)?.clone();
    scene.templates.retain(|one| one.id != template.id);
    let about = About::Gone(Box::new(About::Template(template)));
    Ok(Change::new(scene, about))
}

fn find<'a>(scene: &'a Scene, id: &str) -> Result<&'a Shared<Template>, Error> {
    let mut templates = scene.templates.iter();
    templates
        .find(|one| one.id.as_str() == id)
        .ok_or_else(|| Error::NoSuchTemplate { id: id.to_owned() })
}
