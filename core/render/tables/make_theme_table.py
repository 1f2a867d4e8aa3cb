#!/usr/bin/env python3
"""Writes theme_table.inc from resources/themes/tokens.json: the colours of the three themes.

usage: make_theme_table.py ../../../resources/themes/tokens.json > theme_table.inc
"""
import json
import sys

COLORS = ['window', 'panel', 'canvas', 'raised', 'hover', 'border', 'control', 'grid', 'text', 'muted', 'faint',
          'accent', 'onAccent', 'accentTint', 'selection', 'selectionTint', 'edge', 'edgeControl', 'nodeBorder',
          'clusterFrame', 'clusterFill', 'clusterText', 'native', 'nativeTint', 'warning', 'warningTint', 'error',
          'errorTint', 'ok', 'okTint', 'testEdge', 'accepted', 'refused']
CLASSES = ['conv', 'matmul', 'norm', 'activation', 'pool', 'elementwise', 'array', 'control', 'constant', 'io',
           'unknown']


def rgb(text):
    return '0x' + text[1:].upper()


def rows(values, per_line=12):
    for i in range(0, len(values), per_line):
        print('    ' + ' '.join(v + ',' for v in values[i:i + per_line]))


def main():
    tokens = json.load(open(sys.argv[1]))
    print('// Written by make_theme_table.py from resources/themes/tokens.json; do not edit.')
    for name, theme in tokens['themes'].items():
        print(f'constexpr ThemeTable k{name.capitalize()} = {{')
        print('    // colours, in the order of the fields of Theme')
        print('    {')
        rows([rgb(theme['colors'][c]) for c in COLORS])
        print('    },\n    // op classes: bar, fill\n    {')
        rows([f"{{{rgb(theme['opClass'][c]['bar'])}, {rgb(theme['opClass'][c]['fill'])}}}" for c in CLASSES], 5)
        print('    },\n    // engines: line, tint, text on the line; from 10 on they repeat with a broken outline\n    {')
        rows([f"{{{rgb(e['line'])}, {rgb(e['tint'])}, {rgb(e['on'])}}}" for e in theme['engine'][:10]], 3)
        print('    },\n    // precisions FP32, FP16, INT8: line, fill, text\n    {')
        rows([f"{{{rgb(p['line'])}, {rgb(p['fill'])}, {rgb(p['on'])}}}" for p in
              (theme['precision'][k] for k in ('FP32', 'FP16', 'INT8'))], 3)
        print('    },\n    // heat\n    {')
        rows([rgb(c) for c in theme['heat']])
        print(f"    }},\n    {theme['segmentFill']}F, {rgb(theme['notMeasured']['fill'])}, "
              f"{rgb(theme['notMeasured']['hatch'])},\n}};")


main()
