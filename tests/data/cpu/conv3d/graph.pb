
?
x0Placeholder*
dtype0*
shape:
?
x1Placeholder*
dtype0*
shape:
z
Conv3DConv3Dx0x1*
strides	
*
	dilations	
*
T0*
data_formatNDHWC*
paddingSAME

y0IdentityConv3D*
T0"Ú