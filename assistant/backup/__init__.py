"""Backups: everything a service is made of, in one file whose every byte is accounted for, and the way back."""

from assistant.backup.archive import Entry, InvalidBackup, Manifest, verify
from assistant.backup.backups import KEYS, Backup, Place, back_up, restore

__all__ = ["KEYS", "Backup", "Entry", "InvalidBackup", "Manifest", "Place", "back_up", "restore", "verify"]
