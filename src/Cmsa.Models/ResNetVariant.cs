namespace Cmsa.Models;

/// <summary>
/// Two manners of building a residual network whose parameters have the same names and shapes; weights that were learnt
/// in one fit the other by name alone.
/// </summary>
public enum ResNetVariant
{
    /// <summary>
    /// A bottleneck strides in its 3x3 convolution; the first block of a stage that dilates still has the dilation of
    /// the stage before it.
    /// </summary>
    Torchvision,

    /// <summary>
    /// A bottleneck strides in its first 1x1 convolution; a stage dilates from its first block on. DeepLab's (Chen et
    /// al. 2017).
    /// </summary>
    Caffe,

    /// <summary>
    /// The same as it was brought to TensorFlow, for the paper's released code: windows that stride are padded below and
    /// at the right more than above and at the left (SAME), and batch norms add 1e-3 to the variance.
    /// </summary>
    TensorFlow,
}
