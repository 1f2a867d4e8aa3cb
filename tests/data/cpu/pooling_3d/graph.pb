
?
x0Placeholder*
dtype0*
shape:
x
	MaxPool3D	MaxPool3Dx0*
strides	
*
ksize	
*
T0*
data_formatNDHWC*
paddingSAME
x
	AvgPool3D	AvgPool3Dx0*
strides	
*
paddingSAME*
T0*
data_formatNDHWC*
ksize	

"
y0Identity	MaxPool3D*
T0
"
y1Identity	AvgPool3D*
T0"Ú