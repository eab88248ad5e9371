"""What a PDF shows, for tests: its text, box by box or as a reader's program extracts it, and its pages as pictures.

Pictures need `pdftoppm` and `pdftotext` of Poppler; `needs_poppler` marks a test that does.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DPI = 60
SHADES = 24  # of 256: a pixel that differs by no more is the same
TOLERANCE = 0.002  # share of the pixels of a page that may differ: the edges of letters under another FreeType

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftoppm") is None, reason="Poppler is missing: apt-get install poppler-utils (`make heavy` does)"
)


def box_text(page, *, margins=True):
    """The text of a laid-out page of the renderer, with or without running heads and feet."""

    def walk(box):
        if not margins and type(box).__name__ == "MarginBox":
            return
        yield getattr(box, "text", "") or ""
        for child in getattr(box, "children", ()):
            yield from walk(child)

    return "".join(walk(page._page_box))


def squeezed(text):
    """Text without spaces and without the places where a long word may break."""
    return re.sub(r"[\s\u200b\xad]", "", text)


def file_text(pdf, folder):
    """The text of a file, page by page, as `pdftotext` extracts it."""
    path = Path(folder) / "text.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", path, "-"], capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def pictures(pdf, folder, *, dpi=DPI, grey=True):
    """The pages of a file as arrays of shades, 0 black to 255 white; with colours as a third axis if not grey."""
    import numpy as np
    from PIL import Image

    folder = Path(folder)
    path = folder / "pages.pdf"
    path.write_bytes(pdf)
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), *(["-gray"] if grey else []), path, folder / "page"],
        check=True,
        capture_output=True,
    )
    found = []
    for picture in sorted(folder.glob("page-*.p?m")):
        with Image.open(picture) as opened:
            found.append(np.asarray(opened).astype(int))
        picture.unlink()
    return found


def share_that_differs(one, other):
    """The share of the pixels in which two pictures differ visibly; 1 if their sizes differ."""
    if one.shape != other.shape:
        return 1.0
    return float((abs(one - other) > SHADES).mean())


def packed(pages):
    """Pages of shades as bytes small enough to record: 16 shades, compressed."""
    import io

    import numpy as np

    held = io.BytesIO()
    np.savez_compressed(held, *[(page // 17).astype("uint8") for page in pages])
    return held.getvalue()


def unpacked(recorded):
    """The pages that `packed` gave, in their 16 shades."""
    import io

    import numpy as np

    with np.load(io.BytesIO(recorded)) as held:
        return [held[name].astype(int) * 17 for name in held.files]
