
/
x0Placeholder*
dtype0*
shape:

LogLogx0*
T0

Log1pLog1px0*
T0

SqrtSqrtx0*
T0

RsqrtRsqrtx0*
T0
%

Reciprocal
Reciprocalx0*
T0

LgammaLgammax0*
T0

DigammaDigammax0*
T0

AcoshAcoshx0*
T0

AsinhAsinhx0*
T0

y0IdentityLog*
T0

y1IdentityLog1p*
T0

y2IdentitySqrt*
T0

y3IdentityRsqrt*
T0
#
y4Identity
Reciprocal*
T0

y5IdentityLgamma*
T0
 
y6IdentityDigamma*
T0

y7IdentityAcosh*
T0

y8IdentityAsinh*
T0"Ú