"""Why pictures do not calibrate a camera, and what to do, in the technician's words."""

from __future__ import annotations

from edge.errors import CalibrationRefusedError

_WORDS = {
    "too_few": (
        "能看清标定板的照片太少（至少 5 张）",
        "too few pictures show the sheet (at least 5)",
    ),
    "sizes": ("照片尺寸不一致", "the pictures differ in size"),
    "uncovered": (
        "标定板未覆盖视野的这些格（列/行），请移到那里再拍",
        "the sheet was never seen in these cells of the field (column/row); lay it there too",
    ),
    "all_flat": (
        "请再拍至少两张一侧垫高 5 到 10 厘米的标定板",
        "take at least two more pictures with one side of the sheet propped up by 5 to 10 cm",
    ),
    "none_flat": ("请拍至少两张平放在台面上的标定板", "take at least two pictures with the sheet flat on the mat"),
    "residual": (
        "残差超过 0.15 毫米：标定板须平整、清晰、按 100 % 打印",
        "the residual is above 0.15 mm: the sheet must be flat, sharp and printed at 100 %",
    ),
    "marks": ("台面四角的标记未全部看到", "not all four marks at the mat's corners can be seen"),
    "too_few_empty": ("空台面的照片太少", "too few pictures of the empty mat"),
    "moved": ("拍空台面时有东西移动", "something moved while the empty mat was taken"),
    "no_white": ("没有看到白纸", "no white sheet is seen"),
    "overexposed": ("白纸过曝，请降低曝光", "the white sheet is overexposed; lower the exposure"),
}


def words(error: CalibrationRefusedError) -> str:
    """Chinese, English, and what was seen."""
    chinese, english = _WORDS[error.reason]
    return f"{chinese}。{english}: {error.seen}"
