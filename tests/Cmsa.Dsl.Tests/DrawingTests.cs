using System.Globalization;
using System.Xml.Linq;
using Cmsa.Dsl.Display;
using Cmsa.Models.Catalogues;
using Snapshooter.Xunit;

namespace Cmsa.Dsl.Tests;

public class DrawingTests
{
    private static string Svg(Layer layer, InputSpec inputs, string title = "") =>
        Drawing
            .Svg(layer, inputs, title)
            .Match(Succ: s => s, Fail: errors => throw new InvalidOperationException(string.Join("\n", errors)));

    private static string[] Texts(string svg) =>
        [.. XDocument.Parse(svg).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];

    public static TheoryData<string> All => [.. Catalogue.All.Map(e => e.Name)];

    [Theory, MemberData(nameof(All))]
    public void Every_model_has_a_picture_that_is_xml_and_always_the_same(string name)
    {
        var model = CostTests.Model(name);
        var svg = Svg(model.Layer, model.Inputs, model.Name);
        Assert.Equal("svg", XDocument.Parse(svg).Root!.Name.LocalName);
        Assert.Equal(svg, Svg(model.Layer, model.Inputs, model.Name));
        Assert.Contains(name, Texts(svg));
    }

    [Theory, InlineData("Cmsa.Paper"), InlineData("Cmsa.Released"), InlineData("DeepLab-ResNet-101")]
    public void Every_level_has_its_name_in_the_picture(string name)
    {
        var model = CostTests.Model(name);
        var texts = Texts(Svg(model.Layer, model.Inputs));
        Assert.All(["res3", "res4", "res5"], level => Assert.Contains(level, texts));
    }

    [Fact]
    public void Repeated_blocks_are_drawn_once() =>
        Assert.Contains("×23", Texts(Svg(Paper.Model(Sizes.Paper), Sizes.Paper.Inputs)));

    [Fact]
    public void What_is_drawn_lies_on_the_page()
    {
        foreach (var model in Catalogue.All)
        {
            var root = XDocument.Parse(Svg(model.Layer, model.Inputs)).Root!;
            var boxes = root.Descendants()
                .Where(e =>
                    e.Name.LocalName == "rect" && e.Attribute("rx")?.Value == "6" && e.Attribute("x") is not null
                )
                .Select(e => (X: N(e, "x"), Y: N(e, "y"), Width: N(e, "width"), Height: N(e, "height")))
                .ToList();
            Assert.All(
                boxes,
                b =>
                    Assert.True(
                        b.X >= 0 && b.Y >= 0 && b.X + b.Width <= N(root, "width") && b.Y + b.Height <= N(root, "height")
                    )
            );
        }

        static double N(XElement element, string name) =>
            double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Any_layer_can_be_drawn()
    {
        var map = InputSpec.FeatureMap(3, 16, 16);
        Assert.Contains("conv 3×3", Texts(Svg(Conv(8, 3), map)));
        Assert.Contains("feature map", Texts(Svg(Identity<FeatureMap>(), map)));
        Assert.Contains(
            "fusion",
            Texts(Svg(Paper.GatedFusion.Named("fusion"), InputSpec.Levels([("res3", map), ("res4", map)])))
        );
    }

    [Fact]
    public void A_picture_is_written_like_this() =>
        Snapshot.Match(
            Svg(
                Conv(8, 3) >> Relu >> Residual(Conv(8, 3) >> Tanh) >> (Conv(4, 1) + Conv(4, 3)),
                InputSpec.FeatureMap(3, 16, 16),
                "A small model"
            )
        );
}
