#!/bin/sh
# Makes the samples in tests/samples/documents again from their sources, with LibreOffice (7.4 made those committed).
# Usage: sh tests/samples/make-documents.sh        needs soffice (Writer, Calc, Impress), .venv, a Chinese font
# 征文.ofd is not made here: LibreOffice writes none. The package easyofd (20260427, PyPI) made it from 征文.pdf by
# OFD().pdf2ofd(content, optional_text=True).
set -eu
cd "$(dirname "$0")/documents"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

make() { # SOURCE FORMAT[:FILTER] NEW-NAME
    soffice --headless "-env:UserInstallation=file://$out/profile" --convert-to "$2" --outdir "$out" "sources/$1" >/dev/null 2>&1
    name=$(basename "${1%.*}")
    mv "$out/$name.${2%%:*}" "$3" || { echo "soffice did not make $3" >&2; exit 1; }
}

for format in docx doc odt rtf pdf; do
    make 征文.fodt "$format" "征文.$format"
done
for format in docx doc rtf pdf; do
    make 汇总表.fodt "$format" "汇总表（文档）.$format"
done
make ../汇总表（文档）.docx odt 汇总表（文档）.odt # straight from the source this LibreOffice fails
make 征文.fodt "txt:Text (encoded):UTF8" 征文.txt
make 征文.fodt "html:HTML (StarWriter)" 征文.html
make 汇总表.fods xlsx 汇总表.xlsx
make 汇总表.fods "xls:MS Excel 97" 汇总表.xls
make 汇总表.fods ods 汇总表.ods
make 汇总表.fods pdf 汇总表.pdf
make 汇总表.fods html 汇总表.html
make 汇总表.fods "xml:MS Excel 2003 XML" 汇总表（2003）.xml
make 汇总表.fods "csv:Text - txt - csv (StarCalc):44,34,76,1" 汇总表.csv
make 汇总表.fods "csv:Text - txt - csv (StarCalc):9,34,85,1" 汇总表（制表符）.txt
make 申报集体汇总表.fods xlsx 申报集体汇总表.xlsx
make 申报集体汇总表.fods "xls:MS Excel 97" 申报集体汇总表.xls
make 征文.fodt "xml:MS Word 2003 XML" 征文（2003）.xml
make 讲稿.fodp pptx 讲稿.pptx
make 讲稿.fodp odp 讲稿.odp
open='{"EncryptFile":{"type":"boolean","value":"true"},"DocumentOpenPassword":{"type":"string","value":"secret"}}'
owned='{"RestrictPermissions":{"type":"boolean","value":"true"},"PermissionPassword":{"type":"string","value":"secret"},"Printing":{"type":"long","value":"0"}}'
make 短文.fodt "pdf:writer_pdf_Export:$open" 有密码.pdf
make 短文.fodt "pdf:writer_pdf_Export:$owned" 禁止打印.pdf
make 短文.fodt docx 机密短文.docx
# a scan: pages that are one picture, by Pillow
../../../.venv/bin/python -c '
from PIL import Image, ImageDraw
page = Image.new("L", (595, 842), "white")
[ImageDraw.Draw(page).rectangle((80, y, 500, y + 12), fill="gray") for y in range(100, 700, 40)]
page.save("扫描件.pdf", save_all=True, append_images=[page], quality=20)'
# WPS Office writes the same OLE2 streams under names of its own
cp 征文.doc 征文.wps
cp 汇总表.xls 汇总表.et
