"""What Mixpanel's own events are called in a report; a language that lacks a name has the English one.

They are automatic events of the mobile SDKs ("$ae_…"), Autocapture's ("$mp_…", "[Auto] Page View" there),
and those of messages ("$campaign_…").
"""

from collections.abc import Mapping

NAMES: Mapping[str, tuple[str, ...]] = {  # in English, German, French
    "$ae_session": ("App session", "App-Sitzung", "Session d’application"),
    "$ae_first_open": ("First app open", "Erster App-Start", "Première ouverture"),
    "$ae_updated": ("App updated", "App aktualisiert", "Application mise à jour"),
    "$ae_crashed": ("App crashed", "App abgestürzt", "Plantage"),
    "$ae_iap": ("In-app purchase", "In-App-Kauf", "Achat intégré"),
    "$mp_web_page_view": ("Page view (auto)", "Seitenaufruf (auto)", "Page vue (auto)"),
    "$mp_page_leave": ("Page leave (auto)", "Seite verlassen (auto)", "Page quittée (auto)"),
    "$mp_click": ("Click (auto)", "Klick (auto)", "Clic (auto)"),
    "$mp_rage_click": ("Rage click (auto)", "Wutklick (auto)", "Clic de rage (auto)"),
    "$mp_dead_click": ("Dead click (auto)", "Klick ins Leere (auto)", "Clic sans effet (auto)"),
    "$mp_input_change": ("Input change (auto)", "Eingabe (auto)", "Saisie (auto)"),
    "$mp_scroll": ("Scroll (auto)", "Scrollen (auto)", "Défilement (auto)"),
    "$mp_submit": ("Form submit (auto)", "Formular gesendet (auto)", "Formulaire envoyé (auto)"),
    "$campaign_delivery": ("Message sent", "Nachricht zugestellt", "Message envoyé"),
    "$campaign_open": ("Message opened", "Nachricht geöffnet", "Message ouvert"),
    "$campaign_bounced": ("Message bounced", "Nachricht unzustellbar", "Message rejeté"),
    "$campaign_marked_spam": ("Message marked as spam", "Nachricht als Spam markiert", "Message signalé"),
    "$unsubscribe": ("Unsubscribed", "Abgemeldet", "Désinscription"),
}
_LANGUAGES = ("en", "de", "fr")  # as the names stand above


def event_name(event: str, locale: str) -> str:
    """Mixpanel's own events in the reader's words, others by the name that they have."""
    names, language = NAMES.get(event, (event,)), locale[:2].lower()
    place = _LANGUAGES.index(language) if language in _LANGUAGES else 0
    return names[place] if place < len(names) else names[0]
