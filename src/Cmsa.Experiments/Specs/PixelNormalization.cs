namespace Cmsa.Experiments.Specs;

/// <summary>How the bytes of a picture become the numbers that a network takes.</summary>
public enum PixelNormalization
{
    /// <summary>Red, green, blue, each <c>(x - 127.5) / 64</c>: for networks that learn from nothing.</summary>
    Centred,

    /// <summary>
    /// Red, green, blue as torchvision's networks expect: <c>(x / 255 - mean) / deviation</c> of ImageNet.
    /// </summary>
    ImageNet,

    /// <summary>
    /// Blue, green, red less the mean of ImageNet, in 255ths: as the released code feeds DeepLab's Caffe weights.
    /// </summary>
    Caffe,
}

/// <summary>Ways of taking pixels in words.</summary>
public static class PixelFormulas
{
    extension(PixelNormalization pixels)
    {
        /// <summary>The formula in words, for those who run a model elsewhere.</summary>
        public string Formula =>
            pixels switch
            {
                PixelNormalization.Caffe =>
                    "channels blue, green, red of 0 to 255, less 104.00699, 116.66877, 122.67892",
                PixelNormalization.ImageNet =>
                    "channels red, green, blue: (x / 255 - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)",
                _ => "channels red, green, blue: (x - 127.5) / 64",
            };
    }
}

/// <summary>The numbers behind <see cref="PixelNormalization"/>.</summary>
public static class PixelNormalizations
{
    // For each channel of the network: the byte of the pixel, what is taken off it and what it is then divided by.
    private static readonly (int Byte, float Mean, float Deviation)[] centred =
    [
        (0, 127.5f, 64),
        (1, 127.5f, 64),
        (2, 127.5f, 64),
    ];
    private static readonly (int Byte, float Mean, float Deviation)[] imageNet =
    [
        (0, .485f * 255, .229f * 255),
        (1, .456f * 255, .224f * 255),
        (2, .406f * 255, .225f * 255),
    ];
    private static readonly (int Byte, float Mean, float Deviation)[] caffe =
    [
        (2, 104.00698793f, 1),
        (1, 116.66876762f, 1),
        (0, 122.67891434f, 1),
    ];

    extension(PixelNormalization scale)
    {
        /// <summary>A picture's bytes, pixel by pixel, as numbers, channel by channel.</summary>
        public float[] Of(byte[] rgb)
        {
            var count = rgb.Length / 3;
            var values = new float[rgb.Length];
            var channels = scale switch
            {
                PixelNormalization.Caffe => caffe,
                PixelNormalization.ImageNet => imageNet,
                _ => centred,
            };
            for (var channel = 0; channel < 3; channel++)
            {
                var (from, mean, deviation) = channels[channel];
                var plane = values.AsSpan(channel * count, count);
                for (var i = 0; i < plane.Length; i++)
                    plane[i] = (rgb[3 * i + from] - mean) / deviation;
            }
            return values;
        }
    }
}
