
7
x0Placeholder*
dtype0*
shape:
3
x1Placeholder*
dtype0*
shape
:

AddV2AddV2x0x1*
T0

SubSubx0x1*
T0

MulMulx0x1*
T0
7
SquaredDifferenceSquaredDifferencex0x1*
T0
#
MaximumMaximumx0x1*
T0
#
MinimumMinimumx0x1*
T0

LessLessx0x1*
T0
-
GreaterEqualGreaterEqualx0x1*
T0
?
EqualEqualx0x1*
incompatible_shape_error(*
T0

y0IdentityAddV2*
T0

y1IdentitySub*
T0

y2IdentityMul*
T0
*
y3IdentitySquaredDifference*
T0
 
y4IdentityMaximum*
T0
 
y5IdentityMinimum*
T0

y6IdentityLess*
T0

%
y7IdentityGreaterEqual*
T0


y8IdentityEqual*
T0
"Ú