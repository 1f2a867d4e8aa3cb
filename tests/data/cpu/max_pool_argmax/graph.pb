
;
x0Placeholder*
dtype0*
shape:
›
MaxPoolWithArgmaxMaxPoolWithArgmaxx0*
strides
*
Targmax0	*
include_batch_in_index(*
T0*
paddingSAME*
ksize

*
y0IdentityMaxPoolWithArgmax*
T0
,
y1IdentityMaxPoolWithArgmax:1*
T0	"Ú