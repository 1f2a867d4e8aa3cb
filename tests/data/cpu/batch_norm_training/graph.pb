
;
x0Placeholder*
dtype0*
shape:
/
x1Placeholder*
dtype0*
shape:
/
x2Placeholder*
dtype0*
shape:
/
x3Placeholder*
dtype0*
shape:
/
x4Placeholder*
dtype0*
shape:
§
FusedBatchNormV3FusedBatchNormV3x0x1x2x3x4*
is_training(*
T0*
epsilon%oƒ:*
U0*
data_formatNHWC*
exponential_avg_factor%š™™>
)
y0IdentityFusedBatchNormV3*
T0
+
y1IdentityFusedBatchNormV3:1*
T0
+
y2IdentityFusedBatchNormV3:2*
T0"Ú