"""Make the font that povstats ships from the full Noto Sans SC.

Run in an environment of its own, from the root of the checkout:

    python -m venv fontenv
    fontenv/bin/pip install fonttools==4.68.0 pylopdf-fonts-zh-cn==0.1.1
    fontenv/bin/python data/fonts/make.py
"""

import hashlib
import importlib.util
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parents[2] / "povstats" / "viz" / "fonts" / "PovstatsSansSC-Regular.otf"
FAMILY = "Povstats Sans SC"
SOURCE_SHA256 = "faa6c9df652116dde789d351359f3d7e5d2285a2b2a1f04a2d7244df706d5ea9"

# Latin with the letters of European and Vietnamese place names, Greek, punctuation, arrows and signs of
# statistics, CJK punctuation, full-width forms.
RANGES = (
    (0x0020, 0x007E),
    (0x00A0, 0x017F),
    (0x01A0, 0x01B0),
    (0x0370, 0x03FF),
    (0x1EA0, 0x1EF9),
    (0x2010, 0x2027),
    (0x2030, 0x203B),
    (0x2070, 0x209C),
    (0x2103, 0x2103),
    (0x2116, 0x2116),
    (0x2150, 0x215F),
    (0x2190, 0x2193),
    (0x2200, 0x22A5),
    (0x2460, 0x2473),
    (0x25A0, 0x25CF),
    (0x3000, 0x3017),
    (0xFF01, 0xFF5E),
    (0xFFE0, 0xFFE6),
)
# Beyond level 1 of GB 2312: places and peoples of Guizhou and of the provinces, and words of the subject.
EXTRA = (
    "岑巩榕荔谟湄潭亨晴瓮匀黔筑遵铜仁毕节习赫纳雍织盘六枝钟西秀坝册兴贞丰望惠龙罗甸独平塘福泉都贵定长顺三"
    "仡佬侗彝瑶畲傣傈僳哈尼佤拉祜景颇阿昌怒独德昂普米纳白藏羌门巴珞壮黎毛难仫京满赫哲鄂伦春温克达斡尔锡伯"
    "皖赣闽浙渝琼陕甘青宁疆粤桂滇蜀冀晋鲁豫鄂湘苏沪津澳埇睢赈癫痫鳏暨椤鲵"
    "瞒辍贫困户脱返档卡帮扶异质截距协方差残似然迭代收敛聚类稳健偏倚箱须茎叶阈值帕累托尾部熵阱"
)


def characters() -> set[int]:
    """List the code points to keep: the ranges, level 1 of GB 2312 (rows 16 to 55), and the extra ones."""
    kept = {point for first, last in RANGES for point in range(first, last + 1)}
    for row in range(16, 56):
        for cell in range(1, 95):
            text = bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312", errors="ignore")
            kept.update(map(ord, text))
    return kept | set(map(ord, EXTRA))


def source() -> Path:
    """Find the full font in the installed package, and refuse another edition of it."""
    spec = importlib.util.find_spec("pylopdf_fonts_zh_cn")
    if spec is None or spec.origin is None:
        raise SystemExit("install pylopdf-fonts-zh-cn==0.1.1 first")
    path = Path(spec.origin).parent / "NotoSansSC-Regular.otf"
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SOURCE_SHA256:
        raise SystemExit(f"{path.name} is another edition: sha256 {found}")
    return path


def main() -> None:
    """Subset, rename, write."""
    # The time stamp of the source stays, so that a second run gives the same bytes.
    font = TTFont(source(), recalcTimestamp=False)
    options = Options()
    options.hinting = False
    options.layout_features = ["kern", "mark", "mkmk", "ccmp"]
    options.name_IDs = ["*"]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    # A name of its own, so that the subset never stands in for a complete Noto Sans SC on the same machine.
    postscript = TARGET.stem
    for record in font["name"].names:
        own = {1: FAMILY, 3: f"2.004;{postscript}", 4: FAMILY, 6: postscript, 16: FAMILY}.get(record.nameID)
        if own is not None:
            record.string = own
    top = font["CFF "].cff
    top.fontNames = [postscript]
    top.topDictIndex[0].FullName = FAMILY
    top.topDictIndex[0].FamilyName = FAMILY
    font.save(TARGET)
    size, digest = TARGET.stat().st_size, hashlib.sha256(TARGET.read_bytes()).hexdigest()
    print(f"{TARGET.name}: {len(font.getBestCmap())} characters, {size} bytes, sha256 {digest}")


if __name__ == "__main__":
    main()
