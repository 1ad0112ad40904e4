"""Sounds that the bot sends, each beside the script that made it."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
