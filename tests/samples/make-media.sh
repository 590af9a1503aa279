#!/bin/sh
# Makes tests/samples/media with programs that are not ours: ffmpeg, ImageMagick, heif-enc (libheif-examples).
# Usage: sh tests/samples/make-media.sh   The results are committed; tests need none of these programs.
set -eu
cd "$(dirname "$0")/media"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# --- pictures: 320x240, a plasma with a few shapes, so that every part of the file carries data
convert -seed 7 -size 320x240 plasma:steelblue-khaki -fill orange -draw 'circle 90,120 90,70' \
    -fill darkgreen -draw 'rectangle 200,140 300,225' "$scratch/scene.png"
scene=$scratch/scene.png
convert "$scene" -quality 80 baseline.jpg
convert "$scene" -quality 80 -interlace Plane progressive.jpg
convert "$scene" -colorspace CMYK -quality 80 cmyk.jpg
convert "$scene" -resize 96x72 -depth 16 -define png:bit-depth=16 -define png:color-type=2 sixteen-bit.png
convert "$scene" -resize 160x120 -colors 64 -type Palette palette.png
convert "$scene" -resize 96x72 -type TrueColor BMP3:truecolor.bmp
convert "$scene" -resize 120x90 -depth 8 -compress LZW lzw.tif
convert "$scene" "$scene" -resize 80x60 -depth 8 -compress Zip two-pages.tif
convert "$scene" -resize 160x120 -quality 80 lossy.webp
convert "$scene" -resize 80x60 -define webp:lossless=true lossless.webp
convert "$scene" -resize 64x48 \( +clone -negate \) \( +clone -flop \) -set delay 20 -loop 0 animated.gif
convert "$scene" "$scratch/scene.jpg"
heif-enc -q 50 -o landscape.heic "$scratch/scene.jpg" >/dev/null
convert "$scratch/scene.jpg" -rotate 90 "$scratch/portrait.jpg"
heif-enc -q 50 -o upright.heic "$scratch/portrait.jpg" >/dev/null
python3 ../turn_heic.py landscape.heic turned.heic 3
convert -seed 7 -size 121x91 plasma:steelblue-khaki "$scratch/odd.jpg"
heif-enc -q 30 -o odd.heic "$scratch/odd.jpg" >/dev/null
# as a telephone stores a portrait picture: landscape pixels and a note to turn them
exif='\377\341\000\042Exif\000\000II*\000\010\000\000\000\001\000\022\001\003\000\001\000\000\000\006\000\000\000\000\000\000\000'
{ head -c 2 baseline.jpg; printf "$exif"; tail -c +3 baseline.jpg; } > turned.jpg
convert "$scene" -quality 50 imagemagick.heic

# --- films: one second of 160x120 with a tone
film() { # name, options …
    name=$1
    shift
    ffmpeg -v error -y -f lavfi -i testsrc=size=160x120:rate=25:duration=1 \
        -f lavfi -i sine=frequency=440:duration=1 -map_metadata -1 -fflags +bitexact "$@" "$name"
}
film clip.wmv -c:v wmv2 -b:v 200k -c:a wmav2 -b:a 32k
film clip.mp4 -c:v libx264 -b:v 100k -pix_fmt yuv420p -c:a aac -b:a 32k
film faststart.mp4 -c:v libx264 -b:v 100k -pix_fmt yuv420p -c:a aac -b:a 32k -movflags +faststart
film clip.mov -c:v libx264 -b:v 100k -pix_fmt yuv420p -c:a aac -b:a 32k
film clip.avi -c:v mpeg4 -b:v 150k -c:a mp3 -b:a 32k
film clip.mpg -c:v mpeg2video -b:v 250k -c:a mp2 -b:a 32k
film clip.mkv -c:v libx264 -b:v 100k -pix_fmt yuv420p -c:a aac -b:a 32k
film clip.flv -c:v flv -b:v 150k -ar 44100 -c:a mp3 -b:a 32k
film clip.webm -c:v libvpx -b:v 150k -c:a libvorbis
film clip.3gp -c:v h263 -s 176x144 -b:v 100k -c:a aac -b:a 32k
film clip.ts -c:v mpeg2video -b:v 150k -c:a mp2 -b:a 32k
ffmpeg -v error -y -display_rotation 90 -i clip.mp4 -c copy -map_metadata -1 -fflags +bitexact turned.mp4 \
    2>/dev/null || ffmpeg -v error -y -i clip.mp4 -c copy -metadata:s:v rotate=90 turned.mp4
