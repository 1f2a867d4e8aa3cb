
3
x0Placeholder*
dtype0*
shape
:

SoftmaxSoftmaxx0*
T0
%

LogSoftmax
LogSoftmaxx0*
T0

NegNegx0*
T0
"
	Softmax_1SoftmaxNeg*
T0
V
SoftmaxCrossEntropyWithLogitsSoftmaxCrossEntropyWithLogitsx0	Softmax_1*
T0
 
y0IdentitySoftmax*
T0
#
y1Identity
LogSoftmax*
T0
6
y2IdentitySoftmaxCrossEntropyWithLogits*
T0
8
y3IdentitySoftmaxCrossEntropyWithLogits:1*
T0"Ú