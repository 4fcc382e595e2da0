"""What people are told of by e-mail: replies, the week, accounts that stop working. How is ``fluenzr_site.notices``."""
