"""Make metronome.ogg, the beat of chest compressions: 110 per minute for two minutes.

    python -m texts.voices.metronome    # needs opusenc (Debian: opus-tools)

Every 30th beat is higher: the end of one round of presses. Knows nothing of the bot. The file is committed; run this only to change it.
"""

from __future__ import annotations

import array
import math
import subprocess
import tempfile
import wave
from pathlib import Path

FILE = Path(__file__).with_suffix(".ogg")
RATE = 16_000
BEATS_A_MINUTE = 110
LASTS_S = 120
ROUND = 30
CLICK_S = 0.06


def samples() -> array.array[int]:
    """Return the sound: 16-bit samples of one channel."""
    sound = array.array("h", bytes(2 * RATE * LASTS_S))
    for beat in range(BEATS_A_MINUTE * LASTS_S // 60):
        start = round(beat * 60 / BEATS_A_MINUTE * RATE)
        pitch = 1320 if (beat + 1) % ROUND == 0 else 880
        for step in range(min(int(CLICK_S * RATE), len(sound) - start)):
            fades = 1 - step / (CLICK_S * RATE)
            sound[start + step] = round(26_000 * fades * math.sin(2 * math.pi * pitch * step / RATE))
    return sound


def main() -> None:
    """Write the file."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as made:
        with wave.open(made.name, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples().tobytes())
        subprocess.run(["opusenc", "--quiet", "--bitrate", "10", "--discard-comments", made.name, str(FILE)], check=True)  # noqa: S603, S607 - fixed words


if __name__ == "__main__":
    main()
