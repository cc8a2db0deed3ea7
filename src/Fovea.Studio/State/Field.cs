namespace Fovea.Studio.State;

/// <summary>What somebody writes into a field, letter by letter: on the way it may be nothing yet, which a page says and goes on.</summary>
internal static class Field
{
    /// <summary>A shape.</summary>
    /// <exception cref="FoveaException">The text is none.</exception>
    public static Shape Shape(string text)
    {
        try
        {
            return Fovea.Shape.Parse(text);
        }
        catch (FormatException exception)
        {
            throw new FoveaException(exception.Message, exception);
        }
    }
}
