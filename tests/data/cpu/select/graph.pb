
3
x0Placeholder*
dtype0
*
shape
:
3
x1Placeholder*
dtype0*
shape
:
/
x2Placeholder*
dtype0*
shape:
)
SelectV2SelectV2x0x1x2*
T0

WhereWherex1*
T0
!
y0IdentitySelectV2*
T0

y1IdentityWhere*
T0	"Ú