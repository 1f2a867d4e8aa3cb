#!/usr/bin/env python3
"""Writes font_table.inc: advance widths of the fonts that diagrams are set in, read from the font files.

usage: make_font_table.py INTER_FOLDER JETBRAINS_FOLDER DEJAVU_FOLDER > font_table.inc

Debian: fonts-inter (/usr/share/fonts/opentype/inter), fonts-jetbrains-mono (/usr/share/fonts/truetype/jetbrains-mono),
fonts-dejavu-core (/usr/share/fonts/truetype/dejavu). Only the `cmap`, `head`, `hhea` and `hmtx` tables are read.
"""
import struct
import sys

# Basic Latin to Latin Extended-B, Greek, Cyrillic, punctuation, currency, letter-like, arrows, operators.
RANGES = [(0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x400, 0x45F), (0x2010, 0x2044), (0x20AC, 0x20AC),
          (0x2122, 0x2126), (0x2190, 0x2199), (0x2200, 0x2265)]


class Font:
    def __init__(self, path):
        data = open(path, 'rb').read()
        tables = {}
        for i in range(struct.unpack('>H', data[4:6])[0]):
            tag, _, offset, length = struct.unpack('>4sIII', data[12 + 16 * i:28 + 16 * i])
            tables[tag.decode()] = data[offset:offset + length]
        self.units = struct.unpack('>H', tables['head'][18:20])[0]
        count = struct.unpack('>H', tables['hhea'][34:36])[0]
        self.advances = [struct.unpack('>H', tables['hmtx'][4 * i:4 * i + 2])[0] for i in range(count)]
        self.glyphs = self.read_cmap(tables['cmap'])

    @staticmethod
    def read_cmap(cmap):
        glyphs = {}
        for i in range(struct.unpack('>H', cmap[2:4])[0]):
            _, _, offset = struct.unpack('>HHI', cmap[4 + 8 * i:12 + 8 * i])
            kind = struct.unpack('>H', cmap[offset:offset + 2])[0]
            if kind == 12:
                for k in range(struct.unpack('>I', cmap[offset + 12:offset + 16])[0]):
                    a, b, g = struct.unpack('>III', cmap[offset + 16 + 12 * k:offset + 28 + 12 * k])
                    glyphs.update({c: g + c - a for c in range(a, b + 1)})
            elif kind == 4:
                n = struct.unpack('>H', cmap[offset + 6:offset + 8])[0] // 2
                at = offset + 14
                ends = struct.unpack(f'>{n}H', cmap[at:at + 2 * n])
                starts = struct.unpack(f'>{n}H', cmap[at + 2 * n + 2:at + 4 * n + 2])
                deltas = struct.unpack(f'>{n}H', cmap[at + 4 * n + 2:at + 6 * n + 2])
                where = at + 6 * n + 2
                offsets = struct.unpack(f'>{n}H', cmap[where:where + 2 * n])
                for k in range(n):
                    for c in range(starts[k], min(ends[k], 0xFFFE) + 1):
                        if offsets[k] == 0:
                            glyph = (c + deltas[k]) & 0xFFFF
                        else:
                            p = where + 2 * k + offsets[k] + 2 * (c - starts[k])
                            glyph = struct.unpack('>H', cmap[p:p + 2])[0]
                            glyph = (glyph + deltas[k]) & 0xFFFF if glyph else 0
                        if glyph:
                            glyphs.setdefault(c, glyph)
        return glyphs

    def width(self, c):
        """In thousandths of an em; 0 where the font lacks the character."""
        glyph = self.glyphs.get(c)
        if glyph is None:
            return 0
        return round(1000 * self.advances[min(glyph, len(self.advances) - 1)] / self.units)


def main():
    inter, mono, dejavu = sys.argv[1:4]
    fonts = [('kInter400', f'{inter}/Inter-Regular.otf'), ('kInter500', f'{inter}/Inter-Medium.otf'),
             ('kInter600', f'{inter}/Inter-SemiBold.otf'), ('kInter700', f'{inter}/Inter-Bold.otf'),
             ('kMono400', f'{mono}/JetBrainsMono-Regular.ttf'), ('kDejaVu400', f'{dejavu}/DejaVuSans.ttf')]
    print('// Written by make_font_table.py; do not edit. Advance widths in thousandths of an em.')
    print('// 0: the font lacks the character.')
    print('constexpr FontRange kRanges[] = {')
    first = 0
    for a, b in RANGES:
        print(f'    {{0x{a:X}, 0x{b:X}, {first}}},')
        first += b - a + 1
    print('};')
    for name, path in fonts:
        font = Font(path)
        widths = [font.width(c) for a, b in RANGES for c in range(a, b + 1)]
        print(f'constexpr std::uint16_t {name}[] = {{')
        line = '   '
        for w in widths:
            if len(line) + len(str(w)) + 2 > 118:
                print(line)
                line = '   '
            line += f' {w},'
        print(line)
        print('};')


main()
