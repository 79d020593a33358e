"""How automatic answers are worded as long as nobody words them differently. Plain letters, so that each is one segment for most names."""

DEFAULTS: dict[tuple[str, str], str] = {
    ("stop", "en"): "{organisation.name}: you will get no more texts from us. To get them again, reply START.",
    ("stop", "fr"): "{organisation.name} : vous ne recevrez plus de SMS de notre part. Pour en recevoir de nouveau, répondez START.",
    ("start", "en"): "{organisation.name}: you will get our texts again. Reply STOP to stop them.",
    ("start", "fr"): "{organisation.name} : vous recevrez de nouveau nos SMS. Pour ne plus en recevoir, répondez STOP.",
    ("help", "en"): "{organisation.name}: these texts come from us. Reply STOP to get no more. {organisation.phone} {organisation.email}",
    ("help", "fr"): "{organisation.name} : ces SMS viennent de nous. Pour ne plus en recevoir, répondez STOP. {organisation.phone} {organisation.email}",
}
