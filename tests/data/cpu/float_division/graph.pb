
3
x0Placeholder*
dtype0*
shape
:
/
x1Placeholder*
dtype0*
shape:
#
RealDivRealDivx0x1*
T0
%
FloorDivFloorDivx0x1*
T0
%
FloorModFloorModx0x1*
T0
%
DivNoNanDivNoNanx0x1*
T0

XdivyXdivyx0x1*
T0

AbsAbsx0*
T0

PowPowAbsx1*
T0

Atan2Atan2x0x1*
T0
 
y0IdentityRealDiv*
T0
!
y1IdentityFloorDiv*
T0
!
y2IdentityFloorMod*
T0
!
y3IdentityDivNoNan*
T0

y4IdentityXdivy*
T0

y5IdentityPow*
T0

y6IdentityAtan2*
T0"Ú