package eval

// kernelFamilies lists every family of kernels: the one place to add one.
func kernelFamilies() [][]Kernel {
	return [][]Kernel{
		comparisonKernels(),
		integerKernels(),
		floatKernels(),
		numericKernels(),
		textKernels(),
		quoteKernels(),
		likeKernels(),
		regexpKernels(),
		dateKernels(),
		dateFieldKernels(),
		intervalKernels(),
		zoneKernels(),
		clockKernels(),
		arrayKernels(),
		byteaKernels(),
		systemKernels(),
		privilegeKernels(),
		catalogKernels(),
		functionKernels(),
		infoSchemaKernels(),
		jsonBuildKernels(),
		jsonbKernels(),
		formatNumKernels(),
		formatDateKernels(),
		inRangeKernels(),
		unicodeKernels(),
		hashKernels(),
		deepHashKernels(),
		sendKernels(),
		transitionKernels(),
		imageKernels(),
		sequenceKernels(),
	}
}
