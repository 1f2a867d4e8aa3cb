
/
x0Placeholder*
dtype0*
shape:3

NegNegx0*
T0

AbsAbsx0*
T0

SignSignx0*
T0

SquareSquarex0*
T0

ExpExpx0*
T0

SigmoidSigmoidx0*
T0

TanhTanhx0*
T0
!
SoftplusSoftplusx0*
T0
!
SoftsignSoftsignx0*
T0

EluElux0*
T0

SeluSelux0*
T0

ReluRelux0*
T0

Relu6Relu6x0*
T0

SinSinx0*
T0

CosCosx0*
T0

AtanAtanx0*
T0

ErfErfx0*
T0

ErfcErfcx0*
T0

Expm1Expm1x0*
T0

FloorFloorx0*
T0

CeilCeilx0*
T0

RintRintx0*
T0

RoundRoundx0*
T0

IsNanIsNanx0*
T0

IsInfIsInfx0*
T0
!
IsFiniteIsFinitex0*
T0

y0IdentityNeg*
T0

y1IdentityAbs*
T0

y2IdentitySign*
T0

y3IdentitySquare*
T0

y4IdentityExp*
T0
 
y5IdentitySigmoid*
T0

y6IdentityTanh*
T0
!
y7IdentitySoftplus*
T0
!
y8IdentitySoftsign*
T0

y9IdentityElu*
T0

y10IdentitySelu*
T0

y11IdentityRelu*
T0

y12IdentityRelu6*
T0

y13IdentitySin*
T0

y14IdentityCos*
T0

y15IdentityAtan*
T0

y16IdentityErf*
T0

y17IdentityErfc*
T0

y18IdentityExpm1*
T0

y19IdentityFloor*
T0

y20IdentityCeil*
T0

y21IdentityRint*
T0

y22IdentityRound*
T0

y23IdentityIsNan*
T0


y24IdentityIsInf*
T0

"
y25IdentityIsFinite*
T0
"Ú