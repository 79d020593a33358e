"""What says how to stop, and what only looks like it."""

import pytest

from campaigns.stop_wording import says_how


@pytest.mark.parametrize(
    "text",
    [
        "Soldes ! STOP au 36111", "Soldes ! Stop au 36 111", "STOP SMS au 36173", "STOP36111", "Stop : 36111", "stop=36111", "STOP PUB 38080", "STOP au {sender.number}",
        "Pour ne plus recevoir nos SMS, répondez STOP.", "Re\u0301pondez STOP", "Répondez « STOP »", "Répondre par STOP", "envoyez le mot STOP", "Envoyer STOP au 3 61 11",
        "Tapez STOP", "RÉPONDEZ STOP", "STOP pour vous désabonner", "STOP pour ne plus recevoir de messages",
        "Lien de désinscription : example.org/d", "Vous pouvez vous désinscrire ici", "Désabonnement : example.org", "N'en plus recevoir : example.org",
        "Sale! Reply STOP to end.", "Text STOP to 12345", "txt STOP", "Reply with the word “STOP”", "Send STOP", "STOP to opt out", "STOP 2 end", "Stop to unsubscribe",
        "To opt out: example.org", "Opt-out here", "Unsubscribe: example.org/u", "unsubscribing is easy", "Level Gold. STOP", "Sale today\nSTOP", "SALE (STOP)",
        "To stop receiving these texts, call us", "No more texts: example.org",
    ],
)  # fmt: skip
def test_stop_wording(text):
    assert says_how(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "Le nouvel arrêt de bus est ouvert", "Ouvert non-stop", "Open NON-STOP", "Musique non stop toute la nuit", "The bus stop is closed", "Meet at bus stop 12345",
        "Stop au gaspillage !", "STOP THE WAR", "STOP à la faim : donnez au 06 12", "Don't stop me now", "Nonstop 24/7", "Un stop à Lyon", "stopping by at 18:00",
        "Il faut arrêter de fumer", "Vos inscriptions sont ouvertes", "The best option: come out", "Nous nous arrêterons à 18 h", "STOP", "Subscribe now",
        "pit stop at 36 Main Street", "Autostop 36111 km",
    ],
)  # fmt: skip
def test_near_misses(text):
    assert not says_how(text)
