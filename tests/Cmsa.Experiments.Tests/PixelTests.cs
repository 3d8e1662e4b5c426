using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;

namespace Cmsa.Experiments.Tests;

/// <summary>How bytes become numbers, and what a mask of nothing scores.</summary>
public class PixelTests
{
    // Two pixels: red 0, green 127, blue 255; and red 128, green 1, blue 254.
    private static readonly byte[] bytes = [0, 127, 255, 128, 1, 254];

    [Fact]
    public void Centred_pixels_are_exact_in_float32() =>
        Assert.Equal(
            [-1.9921875f, 0.0078125f, -0.0078125f, -1.9765625f, 1.9921875f, 1.9765625f],
            PixelNormalization.Centred.Of(bytes)
        );

    [Fact]
    public void ImageNet_pixels_are_torchvisions() =>
        // torchvision: ToTensor() and Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
        Near(
            [
                -0.485 / 0.229,
                (128 / 255.0 - 0.485) / 0.229,
                (127 / 255.0 - 0.456) / 0.224,
                (1 / 255.0 - 0.456) / 0.224,
                (1 - 0.406) / 0.225,
                (254 / 255.0 - 0.406) / 0.225,
            ],
            PixelNormalization.ImageNet.Of(bytes)
        );

    [Fact]
    public void Caffe_pixels_are_blue_green_red_less_the_mean() =>
        Near(
            [
                255 - 104.00698793,
                254 - 104.00698793,
                127 - 116.66876762,
                1 - 116.66876762,
                0 - 122.67891434,
                128 - 122.67891434,
            ],
            PixelNormalization.Caffe.Of(bytes)
        );

    private static void Near(double[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(
            expected.Zip(found),
            pair => Assert.Equal(pair.Item1, pair.Item2, 1e-6 * (1 + Math.Abs(pair.Item1)))
        );
    }

    [Fact]
    public void Two_empty_masks_are_found_and_count_no_pixel()
    {
        var empty = Score.Of(new(1, 3, [0, 0, 0]), new(1, 3, [0, 0, 0]));
        Assert.Equal((1L, 0L, 0L, 1.0), (empty.Count, empty.Intersection, empty.Union, empty.IouSum));
        Assert.Equal([1L, 1L, 1L, 1L, 1L], empty.Hits);
        // Beside a sample of IoU 1/2 the overall IoU is that sample's, and the mean is 3/4.
        var both = empty + Score.Of(new(1, 2, [1, 0]), new(1, 2, [1, 1]));
        Assert.Equal((0.5, 0.75), (both.OverallIou, both.MeanIou));
    }

    [Fact]
    public void An_empty_answer_to_something_and_something_to_nothing_are_not_found()
    {
        Assert.Equal(0, Score.Of(new(1, 2, [0, 0]), new(1, 2, [1, 0])).IouSum);
        Assert.Equal(0, Score.Of(new(1, 2, [0, 1]), new(1, 2, [0, 0])).IouSum);
    }
}
