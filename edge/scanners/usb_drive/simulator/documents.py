"""Honest documents for simulated drives, made when a drive is made. Every person, shop and number is made up."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

from PIL import Image, ImageDraw

from edge.scanners.usb_drive.simulator.words import line

DPI = 150
_A4 = (1240, 1754)
_INK, _RED, _PAPER = (40, 38, 36), (178, 34, 34), (252, 250, 244)
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFD = "http://www.ofdspec.org/2016"
_CONTRACT = (
    "房屋租赁合同（样本）",
    "出租方（甲方）：样本乙",
    "承租方（乙方）：样本甲",
    "一、甲方将示范市样本路8号一层房屋租给乙方，用作小吃店。",
    "二、租期自2026年1月1日起至2028年12月31日止。",
    "三、月租金人民币叁仟元整。",
    "本合同为演示用样本，没有效力。",
)


def licence_page() -> Image.Image:
    """A business licence as a page."""
    page = Image.new("RGB", _A4, _PAPER)
    draw = ImageDraw.Draw(page)
    draw.rectangle((60, 60, 1180, 1694), outline=_RED, width=10)
    draw.rectangle((84, 84, 1156, 1670), outline=_RED, width=3)
    _centred(page, "营业执照", 190, 150, _RED)
    _centred(page, "（样本，仅供演示，无效）", 400, 52, _INK)
    rows = ("名　　称：夜光小吃店", "类　　型：个体工商户", "经营者：样本甲", "经营场所：示范市样本路8号")
    for number, text in enumerate((*rows, "经营范围：餐饮服务", "注册日期：2026年1月5日")):
        _write(page, text, (190, 600 + 130 * number), 60, _INK)
    draw.ellipse((820, 1390, 1060, 1630), outline=_RED, width=8)
    return page


def form_page() -> Image.Image:
    """An application form as a page."""
    page = Image.new("RGB", _A4, (255, 255, 255))
    draw = ImageDraw.Draw(page)
    _centred(page, "食品经营许可申请表", 140, 80, _INK)
    rows = ("申请人：样本甲", "申请事项：新办", "经营场所：示范市样本路8号", "经营范围：餐饮服务")
    for number, text in enumerate(rows):
        top = 360 + 150 * number
        draw.rectangle((140, top, 1100, top + 150), outline=_INK, width=3)
        _write(page, text, (180, top + 46), 56, _INK)
    _write(page, "本人保证以上内容真实。", (180, 1120), 56, _INK)
    _write(page, "签字：样本甲", (700, 1300), 60, (60, 60, 150))
    return page


def shop_photo() -> Image.Image:
    """The shop at night, as a telephone would take it."""
    photo = Image.linear_gradient("L").resize((1600, 1200)).convert("RGB").point(lambda value: value // 4 + 12)
    draw = ImageDraw.Draw(photo)
    draw.rectangle((0, 980, 1600, 1200), fill=(58, 56, 60))
    draw.rectangle((250, 300, 1350, 1000), fill=(120, 84, 66))
    draw.rectangle((330, 520, 860, 940), fill=(255, 226, 150))
    draw.rectangle((980, 520, 1240, 1000), fill=(92, 54, 40))
    draw.rectangle((210, 300, 1390, 470), fill=(150, 26, 30))
    for x in (380, 560, 740):
        draw.rectangle((x, 700, x + 110, 940), fill=(140, 96, 60))
    _centred(photo, "夜光小吃", 325, 130, (255, 220, 120))
    return photo


def kitchen_photo() -> Image.Image:
    """The kitchen: tiles, a stove, a shelf."""
    photo = Image.new("RGB", (1200, 900), (226, 230, 228))
    draw = ImageDraw.Draw(photo)
    for at in range(0, 1200, 75):
        draw.line((at, 0, at, 560), fill=(200, 206, 204), width=3)
    for at in range(0, 560, 75):
        draw.line((0, at, 1200, at), fill=(200, 206, 204), width=3)
    draw.rectangle((0, 560, 1200, 900), fill=(168, 172, 176))
    for x in (180, 520, 860):
        draw.ellipse((x, 600, x + 200, 700), fill=(40, 40, 44))
    draw.rectangle((120, 180, 1080, 215), fill=(140, 110, 80))
    for x in (170, 330, 490, 650, 810, 970):
        draw.ellipse((x, 90, x + 90, 180), fill=(214, 120, 60))
    _centred(photo, "后厨，样本照片", 780, 60, _INK)
    return photo


def as_pdf(*pages: Image.Image) -> bytes:
    """Pages of true size in one PDF."""
    return _saved(pages[0], "PDF", resolution=DPI, save_all=True, append_images=pages[1:])


def as_tif(*pages: Image.Image) -> bytes:
    """Pages in black and white in one TIF, as an office's scanner writes it."""
    plain = [page.convert("1", dither=Image.Dither.NONE) for page in pages]
    size = {"dpi": (DPI, DPI), "compression": "group4"}
    return _saved(plain[0], "TIFF", save_all=True, append_images=plain[1:], **size)


def as_jpg(photo: Image.Image) -> bytes:
    """A photograph as a telephone saves it."""
    return _saved(photo, "JPEG", quality=88)


def as_png(photo: Image.Image) -> bytes:
    """A picture of a screen or a program."""
    return _saved(photo, "PNG")


def contract_docx(more: Mapping[str, bytes] | None = None) -> bytes:
    """A lease as an office program saves it; `more` adds parts."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{each}</w:t></w:r></w:p>" for each in _CONTRACT)
    types = f'<Override PartName="/word/document.xml" ContentType="{_OFFICE}"/>'
    target = f'<Relationship Id="rId1" Type="{_RELATION}/officeDocument" Target="word/document.xml"/>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{target}</Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{paragraphs}</w:body></w:document>',
    }
    return packed({name: text.encode() for name, text in parts.items()} | dict(more or {}))


def invoice_ofd() -> bytes:
    """An electronic invoice in the format of GB/T 33190: one page of text."""
    space = f'xmlns:ofd="{_OFD}"'
    box = "<ofd:PageArea><ofd:PhysicalBox>0 0 210 140</ofd:PhysicalBox></ofd:PageArea>"
    texts = ("电子发票（样本）", "购买方：夜光小吃店", "项目：厨房设备", "金额：¥128.00", "演示用，无效")
    rows = "".join(_ofd_text(number, text) for number, text in enumerate(texts))
    parts = {
        "OFD.xml": f'<ofd:OFD {space} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>'
        "00000000000000000000000000000001</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
        "</ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {space}><ofd:CommonData><ofd:MaxUnitID>90</ofd:MaxUnitID>{box}"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages>"
        '<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>',
        "Doc_0/PublicRes.xml": f'<ofd:Res {space} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="2" FontName="宋体" '
        'FamilyName="宋体"/></ofd:Fonts></ofd:Res>',
        "Doc_0/Pages/Page_0/Content.xml": f'<ofd:Page {space}><ofd:Content><ofd:Layer ID="3">{rows}</ofd:Layer>'
        "</ofd:Content></ofd:Page>",
    }
    return packed({name: f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode() for name, text in parts.items()})


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Parts in one ZIP."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 5, 9, 30, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _ofd_text(number: int, text: str) -> str:
    deltas = " ".join(["8"] * (len(text) - 1))
    return (
        f'<ofd:TextObject ID="{10 + number}" Boundary="20 {20 + 20 * number} 170 10" Font="2" Size="8">'
        f'<ofd:TextCode X="0" Y="8" DeltaX="{deltas}">{text}</ofd:TextCode></ofd:TextObject>'
    )


def _write(page: Image.Image, text: str, place: tuple[int, int], height: int, colour: tuple[int, int, int]) -> None:
    mask = line(text, height)
    page.paste(Image.new("RGB", mask.size, colour), place, mask)


def _centred(page: Image.Image, text: str, top: int, height: int, colour: tuple[int, int, int]) -> None:
    _write(page, text, ((page.width - line(text, height).width) // 2, top), height, colour)


def _saved(page: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    page.save(out, form, **options)
    return out.getvalue()
