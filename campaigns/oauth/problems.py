"""What can go wrong at a provider. Messages are for a person, and never hold a token, code or secret."""


class OAuthError(Exception):
    pass


class Refused(OAuthError):
    """It gives no access, or no longer: a person must sign in again."""


class Unavailable(OAuthError):
    """It can't be asked now, or not by this installation as it is set up: worth another try later."""
