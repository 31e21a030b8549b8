# Uchat
