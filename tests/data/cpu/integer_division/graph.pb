
3
x0Placeholder*
dtype0*
shape
:
/
x1Placeholder*
dtype0*
shape:
%
FloorDivFloorDivx0x1*
T0
%
FloorModFloorModx0x1*
T0
+
TruncateDivTruncateDivx0x1*
T0
+
TruncateModTruncateModx0x1*
T0
!
y0IdentityFloorDiv*
T0
!
y1IdentityFloorMod*
T0
$
y2IdentityTruncateDiv*
T0
$
y3IdentityTruncateMod*
T0"Ú