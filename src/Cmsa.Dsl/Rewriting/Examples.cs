using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Rewriting;

/// <summary>
/// Leaves of the examples of rules: small inputs and parameters by name, as a person would write them in an equation.
/// </summary>
internal static class Examples
{
    /// <summary>Channels.</summary>
    public static Dimension C(int size) => new(Axis.Channel, size);

    /// <summary>Rows.</summary>
    public static Dimension R(int size) => new(Axis.Row, size);

    /// <summary>Columns.</summary>
    public static Dimension K(int size) => new(Axis.Column, size);

    /// <summary>Words.</summary>
    public static Dimension N(int size) => new(Axis.Word, size);

    /// <summary>Rows on the far side of an attention.</summary>
    public static Dimension I(int size) => new(Axis.Row.Prime, size);

    /// <summary>Words on the far side of an attention.</summary>
    public static Dimension J(int size) => new(Axis.Word.Prime, size);

    /// <summary>An input of real numbers, one value for each sample.</summary>
    public static Node Data(string name, params Many<Dimension> of) =>
        new(new Input(name, new([new(Axis.Batch, 1), .. of])));

    /// <summary>A boolean input, one value for each sample; where it is <c>[word]</c>, which words are there.</summary>
    public static Node Mask(string name, params Many<Dimension> of) =>
        new(new Input(name, new([new(Axis.Batch, 1), .. of]), ElementType.Boolean));

    /// <summary>A parameter, the same for all samples.</summary>
    public static Node Own(string name, params Many<Dimension> of) =>
        new(new Parameter(name, new(of), new Initializer.Normal(1), Role.Weight));

    /// <summary>A running statistic.</summary>
    public static Node Statistic(string name, params Many<Dimension> of) =>
        new(new Parameter(name, new(of), new Initializer.Fill(1), Role.Statistic));

    /// <summary>A linear map's weight.</summary>
    public static Node Weight(string name, int to, int from) => Own(name, new(Axis.Out, to), new(Axis.In, from));

    /// <summary>A convolution's weight.</summary>
    public static Node Weight(string name, int to, int from, int side) =>
        Own(name, new(Axis.Out, to), new(Axis.In, from), new(Axis.KernelRow, side), new(Axis.KernelColumn, side));

    private static Extent2 SideOf(Node weight) => new(weight.Shape[Axis.KernelRow], weight.Shape[Axis.KernelColumn]);

    extension(Node x)
    {
        /// <summary>A convolution that keeps the size.</summary>
        public Node Convolve(Node weight, int stride = 1, int groups = 1) =>
            new(new Convolve(stride, SideOf(weight).Map(side => (side - 1) / 2), 1, groups), x, weight);

        /// <summary>A linear map with its bias.</summary>
        public Node Affine(Node weight, Node bias) => new(new Linear(), x, weight, bias);

        /// <summary>A batch norm of some channels.</summary>
        public Node BatchNorm(int channels) =>
            new(
                new NormaliseBatch(1e-5, 0.1, false),
                x,
                Own("g", C(channels)),
                Own("b", C(channels)),
                Statistic("m", C(channels)),
                Statistic("v", C(channels))
            );

        /// <summary>The mean along some axes.</summary>
        public Node Mean(params Many<Axis> axes) => x.Reduce(Reduction.Mean, axes);

        /// <summary>The sum along some axes.</summary>
        public Node SumOver(params Many<Axis> axes) => x.Reduce(Reduction.Sum, axes);
    }
}
