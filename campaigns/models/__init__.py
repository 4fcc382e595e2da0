from campaigns.models.account import EmailAccount

__all__ = ["EmailAccount"]
