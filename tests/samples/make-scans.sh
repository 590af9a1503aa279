#!/bin/sh
# Makes tests/samples/scans: a 汇总表 written by LibreOffice, stamped, printed, and scanned askew with noise.
# Needs libreoffice, poppler-utils, imagemagick, fonts-noto-cjk. Usage: sh tests/samples/make-scans.sh
set -eu
cd "$(dirname "$0")/scans"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cat > "$scratch/table.html" <<'HTML'
<html><head><meta charset="utf-8"><style>
body { font-family: "Noto Serif CJK SC"; font-size: 12pt }
td { padding: 6px; text-align: center; font-size: 11pt }
</style></head><body>
<p>附件2</p>
<h2 align="center">“威海青年文明号开放周”作品汇总表</h2>
<p>报送单位（加盖公章）：海州市港口集团团委&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;报送日期：2018年8月16日</p>
<table border="1" cellpadding="5" cellspacing="0" width="100%">
<tr><td>序号</td><td>作品类别</td><td width="19%">作品名称</td><td>展示形式</td><td>创作集体</td><td>集体联系人及联系方式</td></tr>
<tr><td>1</td><td>改革开放青观察</td><td>灯塔下的四十年</td><td>图片</td><td>航标班组</td><td>张一 0000-1234567</td></tr>
<tr><td>2</td><td>改革开放青观察</td><td>海边的供电所</td><td>图片</td><td>检修三班</td><td>李二 0000-2345678</td></tr>
<tr><td>3</td><td>新时代青年说</td><td>码头上的早班车</td><td>视频</td><td>调度中心</td><td>王三 0000-3456789</td></tr>
<tr><td>4</td><td>品牌建设青之见</td><td>论港口服务品牌的培育与传播路径</td><td>征文</td><td>客运服务台</td><td>赵四 0000-4567890</td></tr>
</table>
</body></html>
HTML
soffice --headless "--infilter=HTML (StarWriter)" --convert-to pdf:writer_pdf_Export --outdir "$scratch" "$scratch/table.html" >/dev/null 2>&1
pdftoppm -r 130 -f 1 -l 1 -png "$scratch/table.pdf" "$scratch/page"
page=$(ls "$scratch"/page*.png | head -n 1)
# a seal over the unit's name and the table
convert -size 230x230 xc:none -fill none -stroke 'rgba(214,38,42,0.85)' -strokewidth 7 -draw 'circle 115,115 115,6' \
    -fill 'rgba(214,38,42,0.85)' -stroke none -font Noto-Serif-CJK-SC -pointsize 60 -gravity center -annotate 0 '★' \
    -pointsize 26 -draw 'rotate 0 text 0,-80 "某某章"' "$scratch/seal.png"
askew() { # source, degrees, quality, target
    convert "$1" -background white -rotate "$2" +repage -attenuate 0.12 -seed 5 +noise Gaussian -blur 0x0.4 -quality "$3" "$4"
}
convert "$page" "$scratch/seal.png" -geometry +330+150 -composite "$scratch/stamped.png"
askew "$scratch/stamped.png" 1.4 24 stamped-table.jpg
# the same table without ruled lines, as a screen copy of a spreadsheet shows it
sed 's/border="1"/border="0"/; s/width="19%"//; s/11pt/9pt/' "$scratch/table.html" > "$scratch/plain.html"
soffice --headless "--infilter=HTML (StarWriter)" --convert-to pdf:writer_pdf_Export --outdir "$scratch" "$scratch/plain.html" >/dev/null 2>&1
pdftoppm -r 130 -f 1 -l 1 -png "$scratch/plain.pdf" "$scratch/plain"
convert "$(ls "$scratch"/plain*.png | head -n 1)" -crop 100%x45%+0+0 +repage "$scratch/upper.png"
askew "$scratch/upper.png" -1.1 24 unruled-table.jpg
