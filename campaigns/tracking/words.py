"""What recipients read, in their own language, without the installation's catalogue: these pages are all they see."""

from typing import Final

Words = dict[str, str]

_EN: Final = {
    "unsubscribe_title": "Unsubscribe",
    "ask": "Do you want no more e-mails from {sender}?",
    "ask_unnamed": "Do you want no more e-mails from this sender?",
    "button": "Unsubscribe",
    "done_title": "You are unsubscribed",
    "done": "{sender} won't write to {email} again.",
    "done_unnamed": "This sender won't write to you again.",
    "tracking": "Tell the sender nothing about when I open e-mails or follow links",
    "save": "Save",
    "saved": "Your choice is kept.",
    "gone_title": "This link isn't valid",
    "gone": "It may have been cut off. Open it from the e-mail once more.",
}
_FR: Final = {
    "unsubscribe_title": "Se désabonner",
    "ask": "Ne plus recevoir d’e-mails de {sender} ?",
    "ask_unnamed": "Ne plus recevoir d’e-mails de cet expéditeur ?",
    "button": "Se désabonner",
    "done_title": "Vous êtes désabonné",
    "done": "{sender} n’écrira plus à {email}.",
    "done_unnamed": "Cet expéditeur ne vous écrira plus.",
    "tracking": "Ne rien dire à l’expéditeur de l’ouverture de mes e-mails ni des liens suivis",
    "save": "Enregistrer",
    "saved": "Votre choix est enregistré.",
    "gone_title": "Ce lien n’est pas valide",
    "gone": "Il a peut-être été coupé. Ouvrez-le à nouveau depuis l’e-mail.",
}
_HI: Final = {
    "unsubscribe_title": "सदस्यता समाप्त करें",
    "ask": "क्या आप {sender} से और ईमेल नहीं चाहते?",
    "ask_unnamed": "क्या आप इस भेजने वाले से और ईमेल नहीं चाहते?",
    "button": "सदस्यता समाप्त करें",
    "done_title": "आपकी सदस्यता समाप्त हो गई है",
    "done": "{sender} अब {email} पर नहीं लिखेगा।",
    "done_unnamed": "यह भेजने वाला अब आपको नहीं लिखेगा।",
    "tracking": "मेरे ईमेल खोलने या लिंक पर जाने के बारे में भेजने वाले को कुछ न बताएँ",
    "save": "सहेजें",
    "saved": "आपका चुनाव सहेज लिया गया है।",
    "gone_title": "यह लिंक मान्य नहीं है",
    "gone": "हो सकता है कि यह अधूरा हो। इसे ईमेल से फिर खोलें।",
}
_ALL: Final[dict[str, Words]] = {"en": _EN, "fr": _FR, "hi": _HI}


def words(language: str | None, **values: str) -> Words:
    """The words of ``en``, ``fr`` or ``hi`` (English for any other), with ``values`` put in."""
    chosen = _ALL.get((language or "en")[:2], _EN)
    return {name: text.format_map(_Kept(values)) for name, text in chosen.items()}


class _Kept(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""
