import java.io.File;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Judges files by the reference validator: arguments are FLAVOUR=FILE, such as 3a=report.pdf or ua1=report.pdf. */
public class Validate {
    public static void main(String[] jobs) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (String job : jobs) {
            String[] parts = job.split("=", 2);
            PDFAFlavour flavour = PDFAFlavour.byFlavourId(parts[0]);
            try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(parts[1]), flavour);
                 PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, 10, false, true, false)) {
                ValidationResult result = validator.validate(parser);
                System.out.println("result\t" + job + "\t" + result.isCompliant() + "\t" + result.getTotalAssertions());
                Map<String, String> failed = new TreeMap<>();
                for (TestAssertion found : result.getTestAssertions()) {
                    String rule = found.getRuleId().getClause() + "-" + found.getRuleId().getTestNumber();
                    failed.putIfAbsent(rule, rule + " x" + result.getFailedChecks().get(found.getRuleId()) + ": "
                        + found.getErrorMessage() + " at " + found.getLocation().getContext());
                }
                for (String line : failed.values()) {
                    System.out.println("failed\t" + job + "\t" + line.replaceAll("\\s+", " "));
                }
            }
        }
    }
}
