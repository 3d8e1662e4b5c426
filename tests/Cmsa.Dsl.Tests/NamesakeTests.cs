using System.Xml.Linq;
using Cmsa.Dsl.Display;

namespace Cmsa.Dsl.Tests.Namesakes
{
    /// <summary>
    /// Layers of a user's own whose types are called like those of the language, and have nothing else in common with
    /// them.
    /// </summary>
    public abstract record Namesake : Layer<FeatureMap, FeatureMap>
    {
        protected override Signal Elaborate(Signal input, Scope scope) => input.Map(x => x + Node.Constant(1));
    }

    public sealed record Sequence(int Length) : Namesake;

    public sealed record Sum : Namesake;

    public sealed record Identity : Namesake;

    public sealed record Named(string Text) : Namesake;

    public sealed record Shared : Namesake;

    public sealed record Frozen : Namesake;

    public sealed record Equation : Namesake;

    public sealed record Elementwise(double Slope) : Namesake;

    public sealed record Lstm : Namesake;

    public sealed record Linear : Namesake;

    public sealed record Dropout(string Kind) : Namesake;

    public sealed record Probe : Namesake;

    public sealed record EachLevel : Namesake;

    public sealed record FanOut : Namesake;

    public sealed record Taps : Namesake;

    /// <summary>One with parts, of the language's number of type arguments.</summary>
    public sealed record Beside<A, B, C, D>(Layer<FeatureMap, FeatureMap> Body) : Layer<FeatureMap, FeatureMap>
    {
        public override Many<Layer> Parts => [Body];

        public override Layer With(Many<Layer> parts) => this with { Body = (Layer<FeatureMap, FeatureMap>)parts[0] };

        protected override Signal Elaborate(Signal input, Scope scope) => scope.Run(0, input);
    }

    /// <summary>One that says how it is drawn.</summary>
    public sealed record Depthwise(int Kernel) : Namesake
    {
        public override Caption Caption =>
            new($"depthwise {Kernel}×{Kernel}", "light") { InBlock = $"{Kernel}×{Kernel}" };

        public override Section Section => Section.Output;
    }
}

namespace Cmsa.Dsl.Tests
{
    using Namesakes;

    /// <summary>Layers are told apart by their types, not by what the types are called.</summary>
    public class NamesakeTests
    {
        private static readonly InputSpec map = InputSpec.FeatureMap(2, 4, 4);

        public static TheoryData<Layer<FeatureMap, FeatureMap>, string> Namesakes =>
            new()
            {
                { new Sequence(3), "Sequence(3)" },
                { new Sum(), "Sum" },
                { new Identity(), "Identity" },
                { new Named("x"), "Named(\"x\")" },
                { new Shared(), "Shared" },
                { new Frozen(), "Frozen" },
                { new Equation(), "Equation" },
                { new Elementwise(0.5), "Elementwise(0.5)" },
                { new Lstm(), "Lstm" },
                { new Linear(), "Linear" },
                { new Dropout("hard"), "Dropout(\"hard\")" },
                { new Probe(), "Probe" },
                { new EachLevel(), "EachLevel" },
                { new FanOut(), "FanOut" },
                { new Taps(), "Taps" },
                {
                    new Beside<Mask, Mask, Mask, Mask>(Elementwise<FeatureMap>.Of(Relu)),
                    "Beside<Mask, Mask, Mask, Mask>(Relu)"
                },
                { new Depthwise(3), "Depthwise(3)" },
            };

        private static string[] Texts(Layer layer)
        {
            var svg = Drawing.Svg(layer, map).Fits();
            return [.. XDocument.Parse(svg).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];
        }

        [Theory, MemberData(nameof(Namesakes))]
        public void A_namesake_is_printed_as_the_record_that_it_is(Layer<FeatureMap, FeatureMap> layer, string text)
        {
            Assert.Equal(text, $"{layer}");
            Assert.Equal($"Tanh >> {text}.Named(\"n\")", $"{Elementwise<FeatureMap>.Of(Tanh) >> layer.Named("n")}");
            Assert.Equal($"{text} + Conv(2, 1)", $"{layer + Conv(2, 1)}");
        }

        [Theory, MemberData(nameof(Namesakes))]
        public void A_namesake_is_drawn_as_a_box_with_its_name(Layer<FeatureMap, FeatureMap> layer, string text)
        {
            var name = string.Concat(text.TakeWhile(char.IsLetter)).ToLowerInvariant();
            var texts = Texts(Conv(2, 1) >> layer >> Conv(2, 3));
            Assert.Contains(
                texts,
                t => t.Replace(" ", "", StringComparison.Ordinal).StartsWith(name, StringComparison.Ordinal)
            );
        }

        [Theory, MemberData(nameof(Namesakes))]
        public void A_namesake_has_a_row(Layer<FeatureMap, FeatureMap> layer, string text)
        {
            var table = LayerTable.Of(Conv(2, 1) >> layer >> Conv(2, 3), map).Fits();
            Assert.Equal(3, table.Model.Rows.Count);
            Assert.Equal(layer, table.Model.Rows[1].Layer);
            Assert.Contains(table.Lines(1, 180), line => line.Contains($" {text} ", StringComparison.Ordinal));
        }

        [Theory, MemberData(nameof(Namesakes))]
        public void A_namesake_is_one_step_in_a_difference(Layer<FeatureMap, FeatureMap> layer, string text)
        {
            var changes = Difference.Between(Conv(2, 1) >> Relu, Conv(2, 1) >> layer >> Relu);
            Assert.EndsWith($": + {text}", Assert.Single(changes).ToString(), StringComparison.Ordinal);
        }

        [Theory, MemberData(nameof(Namesakes))]
        public void A_namesake_is_read_back_equal(Layer<FeatureMap, FeatureMap> layer, string text)
        {
            Assert.NotEmpty(text);
            Assert.Equal<Layer>(Residual(layer) >> layer, Json.Read(Json.Write(Residual(layer) >> layer)).Fits());
        }

        [Fact]
        public void A_layer_says_how_it_is_drawn()
        {
            Assert.Contains("depthwise 3×3", Texts(new Depthwise(3)));
            var blocks = Residual(new Depthwise(3) >> Conv(2, 1)) >> Residual(new Depthwise(3) >> Conv(2, 1));
            Assert.Contains("3×3, 1×1", Texts(blocks));
        }
    }
}
