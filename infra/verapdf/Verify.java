import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;

/** Prints what a file breaks of a profile, a line each; nothing for one that is compliant. */
public class Verify {
  public static void main(String[] arguments) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    var flavour = PDFAFlavour.fromString(arguments[0]);
    for (int at = 1; at < arguments.length; at++) {
      try (var file = new FileInputStream(arguments[at]);
          var parser = Foundries.defaultInstance().createParser(file, flavour);
          var validator = Foundries.defaultInstance().createValidator(flavour, false)) {
        var result = validator.validate(parser);
        if (result.isCompliant()) continue;
        System.out.println(arguments[at] + ": not compliant with " + flavour);
        for (TestAssertion found : result.getTestAssertions())
          System.out.println(arguments[at] + ": " + found.getRuleId().getClause() + " " + found.getMessage());
      }
    }
  }
}
