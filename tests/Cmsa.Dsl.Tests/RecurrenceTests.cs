using Cmsa.Dsl.Rewriting;
using FsCheck;
using FsCheck.Fluent;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = Cmsa.Dsl.Graphs.Parameter;
using Program = Cmsa.Dsl.Graphs.Graph;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// A recurrence is the same step for step, wherever the padding stands: values and gradients, of the kernel and of the
/// rules.
/// </summary>
public class RecurrenceTests
{
    /// <summary>Of what a recurrence's gates are a sum.</summary>
    [Flags]
    private enum Told
    {
        Word = 1,
        Place = 2,
        Both = 4,
        Channel = 8,
        Fixed = 16,
    }

    /// <summary>
    /// A recurrence over words of a batch of maps of so many rows, or of words alone where there are none.
    /// </summary>
    private sealed record Case(
        int Batch,
        int Words,
        int Hidden,
        int Rows,
        Told Told,
        bool Last,
        string Padding,
        int Seed,
        RecurrentCell Cell = RecurrentCell.Lstm
    )
    {
        public static Arbitrary<Case> Any { get; } =
            (
                from batch in Gen.Choose(1, 4)
                from words in Gen.Choose(1, 5)
                from hidden in Gen.Choose(1, 3)
                from rows in Gen.Choose(0, 2)
                from word in Gen.Elements(Told.Word, Told.Both, Told.Word | Told.Both)
                from more in Gen.Choose(0, 7)
                from last in Gen.Elements(true, false)
                from padding in Gen.Elements(paddings)
                from seed in Gen.Choose(0, 1000)
                from cell in Gen.Elements(Enum.GetValues<RecurrentCell>())
                let told = word
                    | ((more & 1) > 0 ? Told.Place : 0)
                    | ((more & 2) > 0 ? Told.Channel : 0)
                    | ((more & 4) > 0 ? Told.Fixed : 0)
                select new Case(
                    batch,
                    words,
                    hidden,
                    (told & (Told.Place | Told.Both | Told.Fixed)) == 0 ? 0 : rows,
                    told,
                    last,
                    padding,
                    seed,
                    cell
                )
            ).ToArbitrary();

        private Recur Recur => new(Hidden, Cell: Cell);

        public Tensor Present =>
            Padding switch
            {
                "none" => torch.ones([Batch, Words], ScalarType.Bool),
                "all but one" => torch.stack([
                    .. Enumerable.Range(0, Batch).Select(b => torch.arange(Words).eq(b % Words)),
                ]),
                "in front" => torch.stack([
                    .. Enumerable
                        .Range(0, Batch)
                        .Select(b => torch.arange(Words).ge(Math.Min(Words - 1, Math.Max(1, Words - 1 - b)))),
                ]),
                "behind" => torch.stack([.. Enumerable.Range(0, Batch).Select(b => torch.arange(Words).lt(1 + b))]),
                _ => Drawn
                    .Uniform("present", [Batch, Words], Seed)
                    .gt(0.4)
                    .logical_or(torch.arange(Words).eq(Seed % Words)),
            };

        private Shape Of(Many<Axis> axes) => new(axes.Map(a => new Dimension(a, SizeOf(a))));

        private int SizeOf(Axis axis) =>
            axis == Axis.Batch ? 1
            : axis == Axis.Word ? Words
            : axis == Axis.Row ? Rows
            : axis == Axis.Column ? 2
            : Recur.Gates * Hidden;

        private Many<Axis> Map => Rows == 0 ? [] : [Axis.Row, Axis.Column];

        private Many<Node> Terms =>
            [
                .. Told.HasFlag(Told.Word)
                    ? [new(new Input("word", Of([Axis.Batch, Axis.Word, Axis.Channel])))]
                    : (Node[])[],
                .. Told.HasFlag(Told.Place)
                    ? [new(new Input("place", Of([Axis.Batch, Axis.Channel, .. Map])))]
                    : (Node[])[],
                .. Told.HasFlag(Told.Both)
                    ? [new(new Input("both", Of([Axis.Batch, Axis.Word, Axis.Channel, .. Map])))]
                    : (Node[])[],
                .. Told.HasFlag(Told.Channel) ? [Learnable("channel", Of([Axis.Channel]))] : (Node[])[],
                .. Told.HasFlag(Told.Fixed) ? [Learnable("fixed", Of([Axis.Channel, .. Map]))] : (Node[])[],
            ];

        private static Node Learnable(string name, Shape shape) =>
            new(new Parameter(name, shape, new Initializer.Fill(0), Role.Bias));

        /// <summary>The terms given apart, or their sum.</summary>
        public Graph Program(bool apart)
        {
            Node present = new(
                new Input("present", new(new Dimension(Axis.Batch, 1), new(Axis.Word, Words)), ElementType.Boolean)
            );
            Node weight = Learnable("weight", new(new Dimension(Axis.Out, Recur.Gates * Hidden), new(Axis.In, Hidden)));
            var terms = apart ? Terms : [Terms.Tail.Fold(Terms.Head, (a, b) => a + b)];
            Many<Node> vector = Recur.HasVector ? [Learnable("vector", new(new Dimension(Axis.Channel, 3 * Hidden)))] : [];
            Node states = new(Recur, [terms.Head, present, weight, .. vector, .. terms.Tail]);
            return Cmsa.Dsl.Graphs.Graph.Of("recurrence", Last ? new(new LastOne(), states) : states);
        }

        /// <summary>A tensor of a name: what the case gives for an input, a parameter or a gradient.</summary>
        public Tensor Given(string name, long[] sizes, ScalarType type) =>
            (Drawn.Uniform(name, sizes, Seed) * 2 - 1).to(type).requires_grad_();

        /// <summary>
        /// The same recurrence as a person would write it down: one word after the other, each chosen or not.
        /// </summary>
        public Tensor ByHand(Dictionary<string, Tensor> given)
        {
            Tensor Over(string name, params int[] at) =>
                given.TryGetValue(name, out var x) ? at.Aggregate(x, (y, axis) => y.unsqueeze(axis)) : torch.zeros(1);
            // [batch, word, gate, row, column], or without the last two.
            var map = Rows == 0 ? (int[])[] : [-1, -1];
            var gates = Over("both") + Over("word", map) + Over("place", 1) + Over("channel", map) + Over("fixed");
            gates = gates.expand([Batch, Words, Recur.Gates * Hidden, .. Rows == 0 ? (long[])[] : [Rows, 2]]);
            var (h, c) = (
                torch.zeros_like(gates[TensorIndex.Colon, 0]).narrow(1, 0, Hidden),
                torch.zeros_like(gates[TensorIndex.Colon, 0]).narrow(1, 0, Hidden)
            );
            var states = new List<Tensor>();
            for (var n = 0; n < Words; n++)
            {
                var (state, next) = Step(gates.select(1, n), given, h, c);
                var here = Present[TensorIndex.Colon, n].reshape([Batch, 1, .. map.Select(_ => 1L)]);
                (h, c) = (torch.where(here, state, h), torch.where(here, next, c));
                states.Add(h);
            }
            return Last ? h : torch.stack(states, 1);
        }

        private (Tensor State, Tensor Cell) Step(Tensor told, Dictionary<string, Tensor> given, Tensor h, Tensor c)
        {
            var weight = given["weight"].chunk(Recur.Gates, 0);
            var x = told.chunk(Recur.Gates, 1);
            Tensor Held(int gate, Tensor state) => torch.einsum("oi,bi...->bo...", weight[gate], state);
            Tensor Own(int gate) =>
                given["vector"].chunk(3, 0)[gate].reshape([1, Hidden, .. Enumerable.Repeat(1L, (int)h.Dimensions - 2)]);

            switch (Cell)
            {
                case RecurrentCell.Lstm:
                case RecurrentCell.LstmWithPeepholes:
                    {
                        Tensor Seen(int gate, int peephole, Tensor cell) =>
                            (x[gate] + Held(gate, h) + (Recur.HasVector ? Own(peephole) * cell : 0 * cell)).sigmoid();
                        var next = Seen(1, 1, c) * c + Seen(0, 0, c) * (x[2] + Held(2, h)).tanh();
                        return (Seen(3, 2, next) * next.tanh(), next);
                    }
                case RecurrentCell.Gru:
                    {
                        var (reset, update) = ((x[0] + Held(0, h) + Own(0)).sigmoid(), (x[1] + Held(1, h) + Own(1)).sigmoid());
                        var candidate = (x[2] + reset * (Held(2, h) + Own(2))).tanh();
                        return ((1 - update) * candidate + update * h, c);
                    }
                default:
                    {
                        var (reset, update) = ((x[0] + Held(0, h)).sigmoid(), (x[1] + Held(1, h)).sigmoid());
                        var candidate = (x[2] + Held(2, reset * h)).tanh();
                        return ((1 - update) * candidate + update * h, c);
                    }
            }
        }
    }

    private static readonly string[] paddings = ["none", "all but one", "in front", "behind", "mixed"];

    private sealed record Found(Tensor Result, IReadOnlyDictionary<string, Tensor> Gradients)
    {
        public double From(Found other) =>
            Gradients
                .Keys.Select(name =>
                    Relative(Gradients[name].to(ScalarType.Float64), other.Gradients[name].to(ScalarType.Float64))
                )
                .Append(Golden.Distance(Result.to(ScalarType.Float64), other.Result.to(ScalarType.Float64)))
                .Max();

        private static double Relative(Tensor found, Tensor right) =>
            Golden.Distance(found, right) / Math.Max(1, right.abs().max().item<double>());
    }

    private static Found Run(Case at, Graph graph, Precision precision)
    {
        using var module = new Compiled(graph, new(Precision: precision, Training: true));
        using (torch.no_grad())
            foreach (var (parameter, tensor) in module.Tensors)
                tensor.copy_(at.Given(parameter.Path, tensor.shape, tensor.dtype));
        var inputs = graph.Inputs.Map(i =>
            (
                i.Name,
                Tensor: i.Name == "present"
                    ? at.Present
                    : at.Given(i.Name, [at.Batch, .. i.Of.Dimensions.Tail.Map(d => (long)d.Size)], module.Context.Real)
            )
        );
        var result = module.Run([.. inputs.Map(i => i.Tensor)]);
        (result * at.Given("cotangent", result.shape, result.dtype).detach()).sum().backward();
        return new(
            result.detach(),
            inputs
                .Filter(i => i.Name != "present")
                .Map(i => (i.Name, Of: i.Tensor))
                .Concat(module.Tensors.Select(t => (Name: t.Parameter.Path, Of: t.Tensor)))
                .ToDictionary(t => t.Name, t => t.Of.grad!.clone())
        );
    }

    private static Found ByHand(Case at)
    {
        var graph = at.Program(apart: true);
        var given = graph
            .Inputs.Filter(i => i.Name != "present")
            .Map(i => (i.Name, Sizes: (long[])[at.Batch, .. i.Of.Dimensions.Tail.Map(d => (long)d.Size)]))
            .Concat(graph.Parameters.Map(p => (Name: p.Path, Sizes: p.Of.Dimensions.Map(d => (long)d.Size).ToArray())))
            .ToDictionary(g => g.Name, g => at.Given(g.Name, g.Sizes, ScalarType.Float64));
        var result = at.ByHand(given);
        if (result.requires_grad)
            (result * at.Given("cotangent", result.shape, ScalarType.Float64).detach()).sum().backward();
        return new(
            result.detach(),
            given.ToDictionary(g => g.Key, g => g.Value.grad?.clone() ?? torch.zeros_like(g.Value))
        );
    }

    private static void Agree(Case at, Precision precision, double close)
    {
        using var scope = NewDisposeScope();
        Assert.InRange(Run(at, at.Program(apart: true), precision).From(ByHand(at)), 0, close);
    }

    public static IEnumerable<object[]> Kinds =>
        from padding in paddings
        from last in new[] { true, false }
        from maps in new[] { true, false }
        select (object[])[padding, last, maps];

    [Theory, MemberData(nameof(Kinds))]
    public void A_recurrence_is_its_steps_in_float64(string padding, bool last, bool maps) =>
        Agree(
            new(3, 5, 4, maps ? 2 : 0, Told.Word | Told.Place | Told.Channel, last, padding, 1),
            Precision.Float64,
            1e-10
        );

    [Theory, MemberData(nameof(Kinds))]
    public void A_recurrence_is_its_steps_in_float32(string padding, bool last, bool maps) =>
        Agree(
            new(3, 5, 4, maps ? 2 : 0, Told.Word | Told.Place | Told.Channel, last, padding, 2),
            Precision.Float32,
            1e-5
        );

    [Theory, MemberData(nameof(Kinds))]
    public void A_recurrence_is_its_steps_in_bfloat16(string padding, bool last, bool maps) =>
        Agree(
            new(3, 5, 4, maps ? 2 : 0, Told.Word | Told.Place | Told.Channel, last, padding, 3),
            Precision.BFloat16,
            0.06
        );

    public static TheoryData<RecurrentCell> Cells => [.. Enum.GetValues<RecurrentCell>()];

    [Theory, MemberData(nameof(Cells))]
    public void Every_cell_is_its_steps_in_each_precision(RecurrentCell cell)
    {
        Case Of(int seed, string padding) => new(3, 5, 4, 2, Told.Word | Told.Place | Told.Channel, false, padding, seed, cell);
        Agree(Of(1, "mixed"), Precision.Float64, 1e-10);
        Agree(Of(2, "behind"), Precision.Float32, 1e-5);
        Agree(Of(3, "in front"), Precision.BFloat16, 0.06);
    }

    [Fact]
    public void One_word_is_one_step() =>
        Agree(new(2, 1, 3, 2, Told.Word | Told.Place, false, "none", 4), Precision.Float64, 1e-10);

    [Fact]
    public void Any_recurrence_is_its_steps() =>
        Prop.ForAll(
                Case.Any,
                at =>
                {
                    using var scope = NewDisposeScope();
                    var far = Run(at, at.Program(apart: true), Precision.Float64).From(ByHand(at));
                    return Prop.Label(far < 1e-8, $"{at} differs by {far:g3}");
                }
            )
            .QuickCheckThrowOnFailure();

    public static TheoryData<string> Rules =>
        [Rewriting.Rules.Recurrence.OfSum.Name, Rewriting.Rules.Recurrence.Last.Name];

    [Theory, MemberData(nameof(Rules))]
    public void A_rule_keeps_values_and_gradients(string name)
    {
        var rule = new[] { Rewriting.Rules.Recurrence.OfSum, Rewriting.Rules.Recurrence.Last }.Single(r =>
            r.Name == name
        );
        Prop.ForAll(
                Case.Any,
                at =>
                {
                    using var scope = NewDisposeScope();
                    var written = at.Program(apart: false);
                    var far = Run(at, GraphOptimizer.Rewrite(written, [rule]).Graph, Precision.Float64)
                        .From(Run(at, written, Precision.Float64));
                    return Prop.Label(far < 1e-10, $"{at} differs by {far:g3}");
                }
            )
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_the_input_says_to_the_gates_is_never_held_for_all_words_and_places()
    {
        var written = (Multimodal >> Lstm<WordMaps>(8) >> LastMap)
            .At(InputSpec.FeatureMap(4, 6, 6) & InputSpec.Words(5, 3))
            .Fits();
        var optimised = GraphOptimizer.Optimize(written, OptimizationLevel.All, training: true);
        Assert.DoesNotContain(optimised.Nodes, v => v.Shape.Has(Axis.Word) && v.Shape.Has(Axis.Row));
        Assert.Equal(5 * 36 * 32 * (4 + 3 + 8 + 8), written.MultiplyAdds);
        // v and s at each place, e of each word, and the state at both.
        Assert.Equal((36 * 32 * (4 + 8)) + (5 * 32 * 3) + (5 * 36 * 32 * 8), optimised.MultiplyAdds);
        Assert.Equal(written.Parameters, optimised.Parameters);
    }

    [Fact]
    public void Training_leaves_as_many_tensors_as_there_were()
    {
        using var module = (Multimodal >> Lstm<WordMaps>(3) >> LastMap)
            .Compile(InputSpec.FeatureMap(2, 3, 3) & InputSpec.Words(4, 2), new Options(Training: true))
            .Fits();
        var arguments = module.DrawnArguments();
        Step();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 50; i++)
            Step();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Step()
        {
            using var result = module.Run(arguments);
            using var loss = result.mean();
            loss.backward();
            module.zero_grad();
        }
    }
}
